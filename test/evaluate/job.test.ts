/** A job from beginning to end on the starter model: what it answers, keeps, sums up and computes again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { encodeVector } from '../../engine/generate/given';
import { EvaluationConfig, type EvaluationConfigInput, MatrixRow } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { one, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { BASELINE, jobToEnd, SLOT, starterConfig } from './jobs';

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

describe('lanes of deltas that are scaled, centred or given', () => {
  it('answer as the lanes of a run do, and are asked for again by the command', async () => {
    const vector = encodeVector(new Float32Array(192).fill(0.05), undefined);
    const source = { kind: 'file', file: 'x.safetensors', tensor: 'delta', step: 1 } as const;
    const added: EvaluationConfigInput['lanes'] = [
      { ...SLOT, name: 'scaled', origin: { kind: 'scaled', factor: 0.5 } },
      { ...SLOT, name: 'centred', origin: { kind: 'centred' } },
      { name: 'given', steps: 1, origin: { kind: 'given', terms: [{ factor: 2, source, vector }] } },
    ];
    const config = starterConfig([BASELINE, SLOT, ...added], {
      selection: { limit: 1 },
      generation: { maxNewTokens: 12 },
    });
    const { jobId, answers, last } = await jobToEnd(engine, config);
    expect(last.state).toBe('done');
    const { run } = await engine.query('evaluations.problem', { jobId, problem: answers[0]!.problem });
    const events = await runEvents(engine, run);
    for (const { name } of config.lanes) {
      const own = answers.find(({ lane }) => lane === name)!;
      expect(own.text, name).toBe(one(events, 'lane.done', name).text);
      if (name !== 'baseline') expect(own.deltaNorm).toBeCloseTo(one(events, 'slot.done', name).deltaNorm, 5);
    }
    const norms = new Map(answers.map(({ lane, deltaNorm }) => [lane, deltaNorm]));
    expect(norms.get('scaled')).toBeCloseTo(norms.get('slot')! / 2, 5);
    expect(norms.get('centred')).toBeLessThan(norms.get('slot')!);
    expect(norms.get('given')).toBeCloseTo(2 * 0.05 * Math.sqrt(192), 5);
    const { provenance } = await engine.query('evaluations.summary', { jobId });
    expect(provenance!.command).toContain('given=given@2*d1');
    expect(provenance!.command).toContain("--delta 'd1=x.safetensors#delta@1'");
  });
});

describe('a lane of matched temperature', () => {
  it('draws at the temperature that gives the baseline the entropy of SLOT', async () => {
    const config = starterConfig(
      [BASELINE, SLOT, { name: 'warm', steps: 2, origin: { kind: 'temperature' } }],
      {
        selection: { limit: 1 },
        generation: { maxNewTokens: 12, temperature: 1, seed: 5 },
      },
    );
    const { answers } = await jobToEnd(engine, config);
    const warm = answers.find(({ lane }) => lane === 'warm')!;
    expect(warm.temperature).toBeGreaterThan(0);
    expect(warm.temperature).not.toBe(1);
    expect(warm.deltaNorm).toBe(0);
    expect(new Set(answers.map(({ seed }) => seed)).size).toBe(1);
  });
});
describe('a lane whose loss stops being finite', () => {
  it('fails, the lane that is matched to it fails with it, and the others answer', async () => {
    const { folder: model } = writeDecoder(join(folder, 'steep'), { tail: [{ op: 'Mul', by: 1e37 }] });
    const file = join(folder, 'two.jsonl');
    writeFileSync(file, '{"question": "two and two", "answer": "4"}\n{"question": "one", "answer": "1"}\n');
    const steep = { steps: 3, lr: 100 };
    const config = EvaluationConfig.parse({
      model: { folder: model },
      dataset: { kind: 'file', path: file },
      form: { kind: 'template', user: '{{question}}', raw: true },
      lanes: [
        BASELINE,
        { name: 'slot', ...steep },
        { name: 'warm', ...steep, origin: { kind: 'temperature' } },
      ],
      graders: [{ name: 'number' }],
      generation: { maxNewTokens: 4, temperature: 1, ignoreEos: true },
    });
    const { answers, last } = await jobToEnd(engine, config);
    expect(last).toMatchObject({ state: 'done', done: 6, total: 6 });
    const ends = (lane: string) => answers.filter((answer) => answer.lane === lane).map(({ end }) => end);
    expect([ends('baseline'), ends('slot'), ends('warm')]).toEqual([
      ['length', 'length'],
      ['failed', 'failed'],
      ['failed', 'failed'],
    ]);
    expect(answers.find(({ lane }) => lane === 'warm')!.failure).toMatch(/no finite number/);
  });
});

describe('a lane of the template alone', () => {
  const template = { name: 'template', steps: 1, origin: { kind: 'template' as const } };
  const raw = { kind: 'template' as const, user: '{{question}}', raw: true };

  it('ends a job whose prompts go through none, and says why', async () => {
    const config = starterConfig([BASELINE, template], { form: raw });
    const { last } = await jobToEnd(engine, config);
    expect(last.error).toMatchObject({
      code: 'no-template',
      message: expect.stringMatching(/^a raw prompt uses no chat/),
    });
  });

  it('ends a job whose model has none, and says whose', async () => {
    const bare = writeDecoder(join(folder, 'bare'), { layers: 1, chatTemplate: false }).folder;
    const { last } = await jobToEnd(engine, starterConfig([BASELINE, template], { model: { folder: bare } }));
    expect(last.error).toMatchObject({
      code: 'no-template',
      message: expect.stringMatching(/^bare has no chat template/),
    });
  });
});

describe('refused before anything is stored', () => {
  const refused = async (config: EvaluationConfig) => {
    const before = (await engine.query('evaluations.list', {})).jobs.length;
    const failure = await engine
      .query('evaluations.start', { jobId: crypto.randomUUID(), title: '', config })
      .catch((thrown: unknown) => thrown);
    expect((await engine.query('evaluations.list', {})).jobs).toHaveLength(before);
    return failure;
  };

  it.each([
    ['no-baseline', starterConfig([SLOT])],
    [
      'no-leader',
      starterConfig([BASELINE, { name: 'warm', steps: 3, origin: { kind: 'temperature' } }, SLOT]),
    ],
    [
      'too-few-problems',
      starterConfig([BASELINE, { name: 'mean', steps: 1, origin: { kind: 'mean', problems: 398 } }]),
    ],
    ['no-problems', starterConfig([BASELINE], { selection: { offset: 400 } })],
  ])('%s', async (code, config) => {
    expect(await refused(config)).toMatchObject({ kind: 'input', code });
  });
});
