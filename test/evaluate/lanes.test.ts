/** What lanes of a job come to that are not learned from the problem alone, and jobs that are refused for their lanes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeVector } from '../../engine/generate/given';
import { EvaluationConfig, type EvaluationConfigInput } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { one, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { BASELINE, jobToEnd, SLOT, starterConfig } from './jobs';

const folder = temporaryFolder();
const engine = testEngine(join(folder, 'data'));

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
