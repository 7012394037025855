/** A job from beginning to end on the starter model: what it answers, keeps, sums up and computes again. */
import { join } from 'node:path';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { MatrixRow } from '../../engine/protocol';
import { one, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { BASELINE, jobToEnd, starterConfig } from './jobs';

const folder = temporaryFolder();
const engine = testEngine(join(folder, 'data'));
const steps = 2;
const LANES = [
  BASELINE,
  { name: 'slot', steps },
  { name: 'one step', steps: 1 },
  { name: 'minus', steps, origin: { kind: 'minus' } },
  { name: 'random', steps, origin: { kind: 'random', seed: 3 } },
  { name: 'other', steps, origin: { kind: 'other' } },
  { name: 'template', steps, origin: { kind: 'template' } },
  { name: 'mean', steps, origin: { kind: 'mean', problems: 2 } },
] as const;

describe('a job', async () => {
  const job = await jobToEnd(engine, starterConfig([...LANES]));

  it('answers every problem with every lane, once', () => {
    expect(job.last).toMatchObject({ state: 'done', done: 32, total: 32, error: null });
    expect(new Set(job.answers.map(({ problem, lane }) => `${problem} ${lane}`)).size).toBe(32);
  });

  it.each(['1', '3'])('answers problem %s as a run of its own does, lane by lane', async (problem) => {
    const { run, answers } = await engine.query('evaluations.problem', { jobId: job.jobId, problem });
    const events = await runEvents(engine, run);
    for (const answer of answers) {
      const { text, tokens } = one(events, 'lane.done', answer.lane);
      expect([answer.lane, answer.text, answer.tokens]).toEqual([answer.lane, text, tokens]);
    }
    const { deltaNorm, initialLoss, finalLoss } = one(events, 'slot.done', 'slot');
    expect(answers[1]).toMatchObject({ loss: [initialLoss, finalLoss] });
    expect(answers[1]!.deltaNorm).toBeCloseTo(deltaNorm, 6);
  });

  it('answers as a run of its own does where its form’s texts end answers', async () => {
    const stops = [' The answer', 'no such text'];
    const form = { kind: 'template' as const, user: '{{question}}', stops };
    const ended = await jobToEnd(engine, starterConfig([{ name: 'baseline', steps: 0 }], { form }));
    expect(ended.answers.some(({ end }) => end === 'stop')).toBe(true);
    for (const answer of ended.answers) {
      const { run } = await engine.query('evaluations.problem', {
        jobId: ended.jobId,
        problem: answer.problem,
      });
      expect(run.generation.stops).toEqual(stops);
      const { text, tokens, reason } = one(await runEvents(engine, run), 'lane.done');
      expect([answer.text, answer.tokens, answer.end]).toEqual([text, tokens, reason]);
    }
  });

  it('gives another problem’s delta to each, and never its own', async () => {
    const of = (problem: string, lane: string) =>
      job.answers.find((answer) => answer.problem === problem && answer.lane === lane)!;
    expect(['1', '2', '3', '4'].map((id) => of(id, 'other').deltaNorm)).toEqual(
      ['4', '1', '2', '3'].map((id) => of(id, 'slot').deltaNorm),
    );
    expect(of('1', 'minus').deltaNorm).toBe(of('1', 'slot').deltaNorm);
    expect(of('1', 'random').deltaNorm).toBeCloseTo(of('1', 'slot').deltaNorm, 5);
    expect(of('1', 'mean').deltaNorm).toBe(of('2', 'mean').deltaNorm);
  });

  it('sums up what it answered', async () => {
    const { summary } = await engine.query('evaluations.summary', { jobId: job.jobId });
    const right = (lane: string) =>
      job.answers.filter((answer) => answer.lane === lane && answer.grades.number?.verdict === 'right')
        .length;
    for (const { lane, graders, answers, meanTokens } of summary.lanes) {
      expect(graders[0]!.right).toMatchObject({ count: right(lane.name), of: 4 });
      expect(answers).toBe(4);
      const own = job.answers.filter((answer) => answer.lane === lane.name);
      expect(meanTokens).toBeCloseTo(own.reduce((sum, { tokens }) => sum + tokens, 0) / 4, 10);
    }
    expect(summary.lanes[0]!.graders[0]!.versus).toBeNull();
    expect(summary.claims.length).toBeGreaterThan(0);
  });

  it('has a figure of what delta does to the vocabulary, over all its problems', async () => {
    const figure = await engine.query('evaluations.figure', { jobId: job.jobId, lane: 'slot' });
    expect(figure).toMatchObject({ problems: 4, vocab: 4096 });
    const [first] = figure!.boosted;
    // The same token, by the shifts of each problem's own run.
    const shifts: number[] = [];
    for (const problem of ['1', '2', '3', '4']) {
      const { run } = await engine.query('evaluations.problem', { jobId: job.jobId, problem });
      const runId = `figure-${problem}`;
      await engine.run(
        runId,
        { ...run, lanes: [run.lanes[1]!], generation: { ...run.generation, maxNewTokens: 1 } },
        () => {},
      );
      const { shift } = await engine.query('shift.read', { runId, lane: 'slot', step: steps - 1 });
      const mean = shift.reduce((sum, value) => sum + value, 0) / shift.length;
      shifts.push(shift[first!.id]! - mean);
    }
    const mean = shifts.reduce((sum, value) => sum + value, 0) / 4;
    expect(first!.centred).toBeCloseTo(mean, 4);
    expect(first!.up).toBe(4);
    expect(first!.sd).toBeCloseTo(
      Math.sqrt(shifts.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3),
      4,
    );
  });

  it('shows problems by lanes', async () => {
    const { lanes, rows } = await engine.query('evaluations.matrix', { jobId: job.jobId });
    expect(lanes).toEqual(LANES.map(({ name }) => name));
    for (const row of rows) expect(MatrixRow.parse(row).verdicts.join('')).toMatch(/^[rwu]{8}$/);
  });

  it('says how to make it again, to the hash of each file', async () => {
    const { provenance } = await engine.query('evaluations.summary', { jobId: job.jobId });
    expect(provenance!.command).toMatch(
      /^slot-studio eval --data starter --limit 4 --form starter --lanes 'baseline,slot=/,
    );
    expect(provenance!.model.files.find(({ path }) => path === 'onnx/model.onnx')).toMatchObject({
      bytes: 13_804_150,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { rows, exact, largestDifference } = provenance!.batching!;
    expect(rows).toBe('left');
    expect(exact).toBe(largestDifference === 0);
    expect(largestDifference).toBeLessThan(1e-3);
  });

  it('is a table of its answers, each text told from its cell', async () => {
    const { text } = await engine.query('evaluations.export', { jobId: job.jobId, format: 'csv' });
    // Without the mark that Excel needs.
    expect(text[0]).toBe('\uFEFF');
    const { data } = Papa.parse<string[]>(text.slice(1), { skipEmptyLines: true });
    const [head, ...rows] = data;
    expect(head!.slice(0, 5)).toEqual(['problem', 'lane', 'sample', 'end', 'tokens']);
    expect(head!.slice(-3)).toEqual(['number', 'number extracted', 'text']);
    const texts = rows.map((row) => [row[0], row[1], row.at(-1)!.replace(/^'/, '')]);
    expect(texts).toEqual(job.answers.map((answer) => [answer.problem, answer.lane, answer.text]));
  });

  it('is the same text when it is exported, imported into another folder and exported there', async () => {
    const { text } = await engine.query('evaluations.export', { jobId: job.jobId, format: 'jsonl' });
    const other = createEngine({ dataFolder: join(folder, 'other') });
    try {
      const { jobId } = await other.query('evaluations.import', { text });
      expect((await other.query('evaluations.export', { jobId, format: 'jsonl' })).text).toBe(text);
      const again = await other.query('evaluations.import', { text });
      expect(again.jobId).not.toBe(jobId);
    } finally {
      await other.dispose();
    }
  });
});

it('refuses another file as an evaluation, and says where a run is imported', async () => {
  const refused = (text: string) => engine.query('evaluations.import', { text }).catch((error) => error);
  expect(await refused('{"type":"run.started","v":1}\n')).toMatchObject({
    code: 'bad-evaluation-file',
    message: 'line 1: it begins a run, not an evaluation',
    hint: 'Import it under Runs.',
  });
  expect(await refused('{"type":"token"}\n')).toMatchObject({
    message: 'line 1: it is no line of an evaluation',
  });
  expect(await refused('a,b\n')).toMatchObject({ message: 'line 1: no JSON' });
});
