/** The starter's problems, which need neither cache nor hub. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeDataset } from '../../engine/dataset/describe';
import { defaultForm } from '../../engine/dataset/forms';
import { openDataset } from '../../engine/dataset/open';
import { selectProblems } from '../../engine/dataset/select';
import { DatasetSource, ProblemSelection } from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';
import { readSource } from './reading';

const cache = temporaryFolder();
const starter = () => readSource({ kind: 'named', name: 'starter' });

beforeEach(() => {
  vi.stubEnv('HF_HUB_CACHE', cache);
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
});
afterEach(() => vi.unstubAllEnvs());

describe("the starter's problems", () => {
  it('are the 400 of its card, half of them asked for the tagged form', async () => {
    const { problems } = await starter();
    expect(problems).toHaveLength(400);
    expect(problems.filter(({ system }) => system?.includes('<think>'))).toHaveLength(200);
    expect(new Set(problems.map(({ subject }) => subject)).size).toBe(19);
    expect(problems[0]).toEqual({
      id: '1',
      question: 'Noah had 56 stars. Then he buys 40 more stars. How many stars does he have altogether?',
      gold: '96',
      subject: 'add',
      system: 'You are a helpful assistant.',
    });
  });

  it('are shown as they are asked, three of them, with the golds that a grader rejects', async () => {
    const source = DatasetSource.parse({ kind: 'named', name: 'starter' });
    const dataset = await openDataset(source);
    const selected = await selectProblems(dataset, ProblemSelection.parse({ limit: 5, offset: 1 }));
    const shown = describeDataset(dataset, selected, defaultForm(source), ({ gold }) => gold === '17');
    expect(shown).toMatchObject({
      n: 5,
      total: 400,
      columns: ['system', 'question', 'answer', 'kind', 'style'],
      gold: '"answer"',
      licence: 'MIT',
      rejected: ['3'],
      rejectedCount: 1,
    });
    expect(shown.problems.map(({ problem }) => problem.id)).toEqual(['2', '3', '4']);
    expect(shown.problems[0]!.prompt.messages).toEqual([
      { role: 'system', content: selected.problems[0]!.system },
      { role: 'user', content: selected.problems[0]!.question },
    ]);
  });

  it('need no cache and no hub', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect((await starter()).total).toBe(400);
  });
});
