/** Controls beside SLOT: what they add, what it is made of, and what is told of it. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunConfig, type RunConfigInput, type RunEvent } from '../../engine/protocol';
import { randomLike } from '../../engine/slot/controls';
import { writeDecoder } from '../../fixtures/decoder';
import { ReferenceDecoder } from '../../fixtures/reference';
import { norm, promptLoss, referenceSlot } from '../../fixtures/reference-slot';
import { answerOf, one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

type Lane = RunConfigInput['lanes'][number];
type Prompt = RunConfigInput['prompt'];

const folder = temporaryFolder();
const { folder: model, options } = writeDecoder(join(folder, 'model'), { d: 48, logitSize: 2, seed: 6 });
const reference = new ReferenceDecoder(options);
const engine = testEngine();

const chat = (content: string): Prompt => ({ kind: 'chat', messages: [{ role: 'user', content }] });
const PROMPT = chat('Tom has 3 apples and buys 5 more. How many apples does he have?');
const OTHERS = [chat('A train leaves at noon.'), chat('Write a poem.')];
const SETTINGS = { preset: 'transformers', steps: 4, lr: 0.2 } as const;
const SLOT: Lane = { name: 'slot', ...SETTINGS };

function config(lanes: readonly Lane[], more: Partial<RunConfigInput> = {}): RunConfigInput {
  const generation = { maxNewTokens: 12, ignoreEos: true, ...more.generation };
  return { model: { folder: model }, prompt: PROMPT, lanes: [...lanes], listLength: 3, ...more, generation };
}

function idsOf(events: readonly RunEvent[]): readonly number[] {
  return one(events, 'run.started').prompt.ids;
}

/** Of a prompt, from the formulas in float64. */
function referenceDelta(ids: readonly number[]): Float64Array {
  return referenceSlot(reference, ids, SETTINGS).deltas.at(-1)!;
}

/** What is told of a control against the delta that it should be. */
function expectDelta(events: readonly RunEvent[], lane: string, delta: Float64Array): void {
  const step = one(events, 'slot.step', lane);
  expect(step).toMatchObject({ step: 0 });
  expect(step).not.toHaveProperty('gradNorm');
  expect(step.deltaNorm).toBeCloseTo(norm(delta), 4);
  const before = promptLoss(reference, idsOf(events), new Float64Array(options.d));
  expect(step.loss).toBeCloseTo(before, 5);
  const done = one(events, 'slot.done', lane);
  expect(done.steps).toBe(1);
  expect(done.initialLoss).toBeCloseTo(before, 5);
  expect(done.finalLoss).toBeCloseTo(promptLoss(reference, idsOf(events), delta), 4);
  expect(done.deltaNorm).toBe(step.deltaNorm);
  const [boosted] = step.boosted;
  expect(boosted!.shift).toBeCloseTo(Math.max(...reference.project(delta)), 3);
  expect(answerOf(events, lane)).toEqual(reference.greedy(idsOf(events), 12, delta));
}

describe('a control adds', () => {
  const made = runEvents(
    engine,
    config([
      { name: 'random', ...SETTINGS, origin: { kind: 'random', seed: 7 } },
      { name: 'minus', ...SETTINGS, origin: { kind: 'minus' } },
      SLOT,
      { name: 'scaled', ...SETTINGS, origin: { kind: 'scaled', factor: -0.25 } },
      { name: 'other', ...SETTINGS, origin: { kind: 'prompts', prompts: [OTHERS[0]!] } },
      { name: 'mean', ...SETTINGS, origin: { kind: 'prompts', prompts: OTHERS } },
      { name: 'template', ...SETTINGS, origin: { kind: 'template' } },
    ]),
  );
  const encode = async (prompt: Prompt) => {
    const { model: settings, template } = RunConfig.parse(config([SLOT], { prompt }));
    return (await engine.query('prompt.encode', { model: settings, prompt, template })).ids;
  };
  const own = async () => referenceDelta(idsOf(await made));

  it('minus the own delta', async () => {
    expectDelta(
      await made,
      'minus',
      (await own()).map((value) => -value),
    );
  });

  it('a multiple of it', async () => {
    expectDelta(
      await made,
      'scaled',
      (await own()).map((value) => -0.25 * value),
    );
  });

  it('a random direction of its norm', async () => {
    const delta = randomLike(Float32Array.from(await own()), 7);
    expectDelta(await made, 'random', Float64Array.from(delta));
  });

  it("another prompt's delta, and the mean of several", async () => {
    const deltas = await Promise.all(OTHERS.map(async (prompt) => referenceDelta(await encode(prompt))));
    expectDelta(await made, 'other', deltas[0]!);
    expectDelta(
      await made,
      'mean',
      deltas[0]!.map((value, i) => (value + deltas[1]![i]!) / 2),
    );
  });

  it('the delta of the template with nothing said', async () => {
    const text = '<|im_start|>user\n<|im_end|>\n<|im_start|>assistant\n';
    expectDelta(await made, 'template', referenceDelta(await encode({ kind: 'raw', text })));
  });

  it('reads and learns from each prompt once, whoever needs it, and tells how far it is', async () => {
    const events = await made;
    const sources = only(events, 'slot.source');
    expect(sources.map(({ source, step }) => [source, step])).toEqual(
      [0, 1, 2].flatMap((source) => [0, 1, 2, 3].map((step) => [source, step])),
    );
    expect(sources[0]).toMatchObject({ lanes: ['other', 'mean'], sources: 3, steps: 4 });
    expect(sources[4]!.lanes).toEqual(['mean']);
    expect(sources[8]!.lanes).toEqual(['template']);
    const lengths = await Promise.all(
      [...OTHERS, PROMPT].map(async (prompt) => (await encode(prompt)).length),
    );
    const template = (
      await encode({ kind: 'raw', text: '<|im_start|>user\n<|im_end|>\n<|im_start|>assistant\n' })
    ).length;
    const total = lengths.reduce((sum, length) => sum + length, template);
    const progress = only(events, 'prompt.progress');
    expect(progress.at(-1)).toMatchObject({ tokens: total, total });
    expect(progress.map(({ tokens }) => tokens)).toEqual(
      progress.map(({ tokens }) => tokens).toSorted((a, b) => a - b),
    );
    expect(one(events, 'prompt.prefilled').tokens).toBe(total);
  });

  it('leaves SLOT and its events as they are without controls, and the same without SLOT', async () => {
    const alone = await runEvents(engine, config([SLOT]));
    const timeless = (events: readonly RunEvent[]) =>
      only(events, 'slot.step')
        .filter(({ lane }) => lane === 'slot')
        .map((step) => ({ ...step, ms: 0 }));
    expect(timeless(await made)).toEqual(timeless(alone));
    const minus = await runEvents(
      engine,
      config([{ name: 'minus', ...SETTINGS, origin: { kind: 'minus' } }]),
    );
    expect(answerOf(minus, 'minus')).toEqual(answerOf(await made, 'minus'));
    expect(one(minus, 'slot.step').deltaNorm).toBe(one(await made, 'slot.step', 'minus').deltaNorm);
  });
});

describe('no steps', () => {
  it.each<Lane['origin']>([
    { kind: 'minus' },
    { kind: 'random', seed: 1 },
    { kind: 'prompts', prompts: OTHERS },
    { kind: 'template' },
    { kind: 'temperature' },
  ])('are the baseline: $kind', async (origin) => {
    const lanes = [
      { name: 'baseline', steps: 0 },
      { name: 'control', steps: 0, origin },
    ];
    const events = await runEvents(engine, config(lanes));
    expect(answerOf(events, 'control')).toEqual(answerOf(events, 'baseline'));
    const types = new Set(events.map(({ type }) => type));
    for (const type of ['slot.step', 'slot.done', 'slot.source', 'lane.temperature', 'notice'] as const)
      expect(types).not.toContain(type);
  });
});

describe('what a control cannot be made of', () => {
  it('fails it alone: a raw prompt goes through no template', async () => {
    const lanes = [SLOT, { name: 'template', ...SETTINGS, origin: { kind: 'template' as const } }];
    const events = await runEvents(
      engine,
      config(lanes, { prompt: { kind: 'raw', text: 'Tom has 3 apples.' } }),
    );
    expect(one(events, 'lane.failed')).toMatchObject({ lane: 'template', code: 'no-template' });
    expect(answerOf(events, 'slot')).toHaveLength(12);
    expect(events.at(-1)!.type).toBe('run.done');
  });

  it('fails it alone: the model has no template', async () => {
    const bare = writeDecoder(join(folder, 'bare'), { layers: 1, chatTemplate: false }).folder;
    const lanes = [SLOT, { name: 'template', ...SETTINGS, origin: { kind: 'template' as const } }];
    const events = await runEvents(engine, config(lanes, { model: { folder: bare } }));
    expect(one(events, 'lane.failed')).toMatchObject({ lane: 'template', code: 'no-template' });
    expect(only(events, 'slot.source')).toEqual([]);
    expect(answerOf(events, 'slot')).toHaveLength(12);
  });

  it('fails what is made of a delta that is no finite number', async () => {
    // Logits of 1e38 are finite; a delta of 100 lifts them out of float32.
    const steep = writeDecoder(join(folder, 'steep'), { tail: [{ op: 'Mul', by: 1e37 }] }).folder;
    const wild = { preset: 'transformers', steps: 3, lr: 100 } as const;
    const lanes: Lane[] = [
      { name: 'baseline', steps: 0 },
      { name: 'slot', ...wild },
      { name: 'longer', ...wild, steps: 4 },
      { name: 'minus', ...wild, origin: { kind: 'minus' } },
      { name: 'other', ...wild, origin: { kind: 'prompts', prompts: [OTHERS[0]!] } },
    ];
    const events = await runEvents(engine, config(lanes, { model: { folder: steep } }));
    const failed = only(events, 'lane.failed');
    expect(failed.map(({ lane, code }) => [lane, code])).toEqual([
      ['slot', 'not-finite'],
      ['longer', 'not-finite'],
      ['minus', 'not-finite'],
      ['other', 'not-finite'],
    ]);
  });

  it('are nothing where the other prompt is one token: it has none to predict', async () => {
    const origin = { kind: 'prompts' as const, prompts: [{ kind: 'raw' as const, text: 'o' }] };
    const events = await runEvents(engine, config([SLOT, { name: 'other', ...SETTINGS, origin }]));
    expect(one(events, 'slot.step', 'other').deltaNorm).toBe(0);
    expect(only(events, 'slot.source')).toEqual([]);
    const { initialLoss, finalLoss } = one(events, 'slot.done', 'other');
    expect(finalLoss).toBeCloseTo(initialLoss, 6);
  });

  it('refuses a run whose other prompt is empty, and says whose it is', async () => {
    const origin = { kind: 'prompts' as const, prompts: [OTHERS[0]!, chat(' ')] };
    const events = await runEvents(engine, config([SLOT, { name: 'mean', ...SETTINGS, origin }]));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'run.failed',
      kind: 'input',
      code: 'empty-prompt',
      message: 'lane "mean": prompt 2 of its origin: the prompt is empty',
    });
  });
});

it('the time that other prompts took counts as that of reading and of learning', async () => {
  const origin = { kind: 'prompts' as const, prompts: [chat('apples '.repeat(60))] };
  const started = performance.now();
  const events = await runEvents(
    engine,
    config([{ name: 'other', ...SETTINGS, origin }], { prompt: chat('x') }),
  );
  const all = performance.now() - started;
  const { ms } = one(events, 'run.done');
  const learning = only(events, 'slot.source').reduce((sum, step) => sum + step.ms, 0);
  // No part is longer than the whole, nor below what it is made of.
  expect(ms.prefill).toBeGreaterThan(0);
  expect(one(events, 'slot.step').ms).toBeLessThanOrEqual(ms.slot);
  expect(ms.slot).toBeGreaterThanOrEqual(learning);
  expect(ms.load + ms.prefill + ms.slot + ms.decode).toBeLessThanOrEqual(all + ms.load);
});

it('a run is cancelled while it learns from other prompts', async () => {
  const origin = { kind: 'prompts' as const, prompts: OTHERS };
  const events = await runEvents(engine, config([{ name: 'mean', ...SETTINGS, origin }]), (event, runId) => {
    if (event.type === 'slot.source' && event.step === 1) engine.cancel(runId);
  });
  expect(only(events, 'slot.source')).toHaveLength(2);
  expect(events.at(-1)!.type).toBe('run.cancelled');
});
