/** Runs whose lanes learn from part of their prompt, or end early: what is told of it, and what it does to answers. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunConfigInput } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { answerOf, one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

type Lane = RunConfigInput['lanes'][number];

const folder = temporaryFolder();
const { folder: model } = writeDecoder(join(folder, 'model'), { d: 48, logitSize: 2, seed: 6 });
const engine = testEngine();
const PROMPT = 'Tom has 3 apples and buys 5 more. How many apples does he have?';
const slot = (name: string, more: Partial<Lane> = {}): Lane => ({ name, steps: 3, lr: 0.3, ...more });

const run = (lanes: Lane[], prompt?: RunConfigInput['prompt'], more: Partial<RunConfigInput> = {}) =>
  runEvents(engine, {
    model: { folder: model },
    prompt: prompt ?? { kind: 'chat', messages: [{ role: 'user', content: PROMPT }] },
    lanes,
    generation: { maxNewTokens: 6, ignoreEos: true },
    listLength: 3,
    ...more,
  });

const mean = (weights: readonly number[], losses: readonly number[]) =>
  weights.reduce((sum, weight, i) => sum + weight * losses[i]!, 0);

it('tells the weight of each token, and the losses that it makes', async () => {
  const half = { seed: 1 };
  const events = await run([
    slot('whole'),
    slot('last', { scope: { kind: 'last-user' } }),
    slot('again', { scope: { kind: 'last-user' }, steps: 2 }),
    slot('half', { half }),
    slot('minus', { half, origin: { kind: 'minus' } }),
  ]);
  expect(only(events, 'slot.scope').map(({ lane }) => lane)).toEqual(['last', 'again', 'half', 'minus']);
  const whole = one(events, 'slot.done', 'whole');
  for (const lane of ['last', 'half', 'minus']) {
    const { weights, heldOut } = one(events, 'slot.scope', lane);
    const done = one(events, 'slot.done', lane);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(done.positionLoss.before).toEqual(whole.positionLoss.before);
    expect(done.initialLoss).toBeCloseTo(mean(weights, done.positionLoss.before), 6);
    expect(done.finalLoss).toBeCloseTo(mean(weights, done.positionLoss.after), 6);
    if (heldOut) expect(done.heldOutLoss!.final).toBeCloseTo(mean(heldOut, done.positionLoss.after), 6);
    else expect(done.heldOutLoss).toBeUndefined();
    // What the run keeps of the lane is measured in the same way.
    const kept = { runId: one(events, 'run.started').runId, lane, step: done.steps - 1, factor: 1 };
    const { loss, baseLoss } = await engine.query('shift.scaled', kept);
    expect([loss, baseLoss]).toEqual([
      expect.closeTo(done.finalLoss, 6),
      expect.closeTo(done.initialLoss, 6),
    ]);
  }
  const steps = (lane: string) => only(events, 'slot.step').filter((step) => step.lane === lane);
  expect(steps('again').map(({ loss }) => loss)).toEqual(
    steps('last')
      .slice(0, 2)
      .map(({ loss }) => loss),
  );
  for (const { pulls, kl } of steps('last')) {
    expect(pulls!.up.length + pulls!.down.length).toBeGreaterThan(0);
    expect(kl).toBeGreaterThan(0);
  }
  expect(steps('half')[1]!.heldOutLoss).toBeGreaterThan(0);
  const [minus] = steps('minus');
  expect(minus!.pulls).toBeUndefined();
  expect(minus!.deltaNorm).toBeCloseTo(one(events, 'slot.done', 'half').deltaNorm, 5);
  // Other tokens, another delta.
  expect(one(events, 'slot.done', 'last').deltaNorm).not.toBeCloseTo(whole.deltaNorm, 3);
});

it('ends before the step that a limit forbids, and says what it would have come to', async () => {
  const events = await run([
    slot('baseline', { steps: 0 }),
    slot('none', { klBudget: 1e-6 }),
    slot('some', { klBudget: 0.5, steps: 50 }),
    slot('free', { steps: 50 }),
    slot('early', { steps: 50, half: { seed: 1, stopsEarly: true } }),
  ]);
  const none = one(events, 'slot.done', 'none');
  expect(none).toMatchObject({ steps: 0, deltaNorm: 0, stopped: { by: 'kl' } });
  expect(none.finalLoss).toBe(none.initialLoss);
  expect(answerOf(events, 'none')).toEqual(answerOf(events, 'baseline'));
  const kls = only(events, 'slot.step').flatMap((step) => (step.lane === 'free' ? step.kl! : []));
  const within = kls.findIndex((kl) => kl > 0.5);
  const some = one(events, 'slot.done', 'some');
  expect(within).toBeGreaterThan(0);
  expect([some.steps, some.stopped!.value]).toEqual([within, kls[within]]);
  const early = one(events, 'slot.done', 'early');
  expect(early.stopped!.by).toBe('held-out');
  expect(early.steps).toBeLessThan(50);
  expect(early.stopped!.value).toBeGreaterThan(early.heldOutLoss!.final);
  expect(one(events, 'slot.done', 'free')).not.toHaveProperty('stopped');
});

/** Of a text that is several tokens, which ones: a space before a word belongs to its token. */
const PIECES = expect.stringMatching(/^"apples pears" is \d+ tokens of this model's \("\w+"(, " ?\w*")+\)/);

it('parts the shift of a token by prompt token, for every lane that is SLOT', async () => {
  const explain = ['a', 'o'];
  const events = await run(
    [slot('adamw', { scope: { kind: 'user' } }), slot('minus', { origin: { kind: 'minus' } })],
    undefined,
    { explain },
  );
  const explained = only(events, 'slot.explained');
  expect(explained.map(({ lane, token }) => [lane, token])).toEqual(explain.map((token) => ['adamw', token]));
  const { weights } = one(events, 'slot.scope', 'adamw');
  for (const { contributions, shift, without = [] } of explained) {
    // The largest of them are measured as well.
    const sizes = contributions.map(Math.abs).sort((a, b) => b - a);
    expect(without.length).toBe(Math.min(16, contributions.filter((part) => part !== 0).length));
    expect(Math.abs(contributions[without[0]!.target]!)).toBe(sizes[0]);
    expect(without.some((each) => Math.abs(each.shift - shift) > 1e-4)).toBe(true);
    expect(contributions.reduce((sum, part) => sum + part, 0)).toBeCloseTo(shift, 4);
    expect(contributions.map((part) => part !== 0)).toEqual(weights.map((weight) => weight > 0));
  }
  const few = await run(
    [slot('few', { scope: { kind: 'tokens', ranges: [{ first: 4, last: 6, weight: 1 }] } })],
    undefined,
    {
      explain: ['a'],
    },
  );
  expect(
    one(few, 'slot.explained')
      .without?.map(({ target }) => target)
      .sort(),
  ).toEqual([3, 4, 5]);
  const refused = await run([slot('adamw')], undefined, { explain: ['apples pears'] });
  expect(refused.at(-1)).toMatchObject({
    type: 'run.failed',
    kind: 'input',
    code: 'explain',
    message: PIECES,
    hint: expect.stringContaining('in the window it is written ·'),
  });
});

it("learns from the same part of another prompt, and refuses one that has none, by the lane's name", async () => {
  const other = (content: string) => ({
    kind: 'chat' as const,
    messages: [{ role: 'user' as const, content }],
  });
  const lane = (content: string): Lane =>
    slot('other', { scope: { kind: 'user' }, origin: { kind: 'prompts', prompts: [other(content)] } });
  const events = await run([lane('A train leaves at noon.')]);
  expect(one(events, 'slot.done', 'other').deltaNorm).toBeGreaterThan(0);
  const template = await run([slot('alone', { scope: { kind: 'user' }, origin: { kind: 'template' } })]);
  expect(template.at(-1)).toMatchObject({
    type: 'run.failed',
    kind: 'input',
    message: 'lane "alone": the template alone: there is no token to learn from in the user turns',
  });
  const raw = await run([slot('a', { scope: { kind: 'no-template' } })], { kind: 'raw', text: PROMPT });
  expect(raw.at(-1)).toMatchObject({ type: 'run.failed', code: 'scope' });
  expect(raw.at(-1)).toHaveProperty(
    'message',
    expect.stringContaining('lane "a": a raw prompt has no turns'),
  );
});

it('leaves the losses of single positions out of steps that would tell more than half a million of them', async () => {
  const lanes = [slot('many', { steps: 1000, klBudget: 0.5, lr: 0.05 }), slot('few', { steps: 1 })];
  const told = async (positions: number) => {
    // A token a letter.
    const events = await run(lanes, { kind: 'raw', text: 'x'.repeat(positions + 1) });
    const lengths = only(events, 'slot.step').map(
      ({ lane, positionLoss }) => `${lane} ${positionLoss?.length}`,
    );
    expect(one(events, 'slot.done', 'many').positionLoss.after).toHaveLength(positions);
    return new Set(lengths);
  };
  expect(await told(500)).toEqual(new Set(['many 500', 'few 500']));
  expect(await told(501)).toEqual(new Set(['many undefined', 'few 501']));
});

it('parts no shift of a head that bends its logits, and says so', async () => {
  const capped = writeDecoder(join(folder, 'capped'), { layers: 1, tail: [{ op: 'cap', at: 20 }] }).folder;
  const events = await run([slot('slot')], undefined, { explain: ['a'], model: { folder: capped } });
  expect(one(events, 'notice')).toMatchObject({ code: 'not-explained', lane: 'slot' });
  expect(only(events, 'slot.explained')).toEqual([]);
  expect(only(await run([slot('slot')], undefined, { model: { folder: capped } }), 'notice')).toEqual([]);
  expect(events.at(-1)!.type).toBe('run.done');
});
