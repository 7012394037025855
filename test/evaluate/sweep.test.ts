/** A sweep chooses on one half of its problems and asks the other half only what was chosen. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { half } from '../../engine/dataset/half';
import { temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import { jobToEnd, starterConfig } from './jobs';

const engine = testEngine(join(temporaryFolder(), 'data'));
const CELLS = [
  { name: 'a', steps: 1, lr: 0.01 },
  { name: 'b', steps: 2, lr: 0.01 },
];

it('reports the setting that did best on one half, on the other', async () => {
  const config = starterConfig([{ name: 'baseline', steps: 0 }, ...CELLS], {
    selection: { limit: 6 },
    sweep: {},
  });
  const { jobId, answers, last } = await jobToEnd(engine, config);
  const halves = { choose: 0, report: 0 };
  for (const id of ['1', '2', '3', '4', '5', '6']) halves[half(id, '')]++;
  expect(halves.choose * halves.report).toBeGreaterThan(0);
  expect(last).toMatchObject({ state: 'done', total: 3 * halves.choose + 2 * halves.report });
  // Both settings answer as the baseline does: of equals the one with fewer steps is taken.
  expect(
    new Set(answers.filter(({ problem }) => half(problem, '') === 'report').map(({ lane }) => lane)),
  ).toEqual(new Set(['baseline', 'a']));
  const { summary } = await engine.query('evaluations.summary', { jobId });
  expect(summary.lanes.map(({ lane, half: of, selected }) => [lane.name, of, selected])).toEqual([
    ['baseline', 'choose', false],
    ['a', 'choose', true],
    ['b', 'choose', false],
    ['baseline', 'report', false],
    ['a', 'report', true],
  ]);
  const reported = summary.lanes.at(-1)!.graders[0]!;
  expect(reported.right.of).toBe(halves.report);
  expect(reported.versus).toMatchObject({ n: halves.report, corrected: null });
  expect(summary.lanes[1]!.graders[0]!.versus!.corrected).not.toBeNull();
});
