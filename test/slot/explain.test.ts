/** The parts of a token's shift by position: they add up, and say what leaving a position out would change. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { contributions, shiftsWithout, type TakenStep } from '../../engine/slot/explain';
import { PromptObjective } from '../../engine/slot/objective';
import { type OptimiserSettings, optimise } from '../../engine/slot/optimise';
import { goldenCase } from './golden';
import { openHead } from './heads';

const folder = mkdtempSync(join(tmpdir(), 'slot-explain-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SGD: OptimiserSettings = {
  preset: 'transformers',
  optimiser: 'sgd',
  lr: 0.5,
  weightDecay: 0.02,
  steps: 4,
};
const ADAMW: OptimiserSettings = { preset: 'transformers', lr: 0.02, steps: 4 };
const VLLM: OptimiserSettings = { preset: 'vllm', lr: 0.1, weightDecay: 0.5, steps: 3 };

async function open(name: string) {
  const c = goldenCase(name);
  const head = await openHead(join(folder, `${name}.onnx`), c);
  return { c, head, whole: new PromptObjective(head, Float32Array.from(c.hidden), c.labels) };
}
type Opened = Awaited<ReturnType<typeof open>>;

/** The steps with these weights, and the shift that they come to. */
async function learned({ head, whole }: Opened, settings: OptimiserSettings, weights: readonly number[]) {
  const objective = whole.weighted({ weights });
  const steps: TakenStep[] = [];
  let before: Float32Array = new Float32Array(head.vocab);
  for await (const { gradient, b } of optimise(head, objective, settings)) {
    steps.push({ gradient, before });
    before = b;
  }
  return { objective, steps, shift: before.map((value) => value * head.logitScale) };
}

describe.each(['head-bias', 'scaled-head', 'ignored-positions'])('%s', (name) => {
  it.each([SGD, ADAMW, VLLM])('adds up to the shift with %o', async (settings) => {
    const opened = await open(name);
    const weights = opened.c.labels.map((_, i) => 1 + (i % 3));
    const { objective, steps, shift } = await learned(opened, settings, weights);
    for (const token of [0, 7, opened.c.labels.at(-1)!]) {
      const parts = await contributions(opened.head, objective, settings, token, steps);
      const sum = parts.reduce((total, part) => total + part, 0);
      expect(Math.abs(sum - shift[token]!)).toBeLessThan(1e-4 * Math.max(0.1, Math.abs(shift[token]!)));
      expect(parts.every((part, i) => objective.weights[i]! > 0 || part === 0)).toBe(true);
    }
    await opened.head.release();
  });
});

/** Spearman's, without ties. */
function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const ranks = (values: readonly number[]) =>
    values.map((value) => values.filter((other) => other < value).length);
  const [x, y] = [ranks(a), ranks(b)];
  const n = a.length;
  return 1 - (6 * x.reduce((sum, rank, i) => sum + (rank - y[i]!) ** 2, 0)) / (n * (n * n - 1));
}

it('says what leaving a position out changes: to first order exactly, in ranks after several steps', async () => {
  const opened = await open('head-bias');
  const { c, head } = opened;
  const ones = c.labels.map(() => 1);
  const token = c.labels[3]!;
  const left = async (settings: OptimiserSettings) => {
    const { objective, steps, shift } = await learned(opened, settings, ones);
    const parts = await contributions(head, objective, settings, token, steps);
    const changes: number[] = [];
    for (const out of ones.keys()) {
      // The others keep their weight: the loss is divided by as many as before.
      const kept = ones.map((_, i) => (i === out ? 0 : 1));
      const lr = (settings.lr * (ones.length - 1)) / ones.length;
      const own = settings.optimiser === 'sgd' ? { ...settings, lr } : settings;
      changes.push(shift[token]! - (await learned(opened, own, kept)).shift[token]!);
    }
    return { parts: [...parts], changes };
  };
  const once = await left({ ...SGD, steps: 1, weightDecay: 0 });
  for (const [i, part] of once.parts.entries()) expect(once.changes[i]).toBeCloseTo(part, 4);
  const sgd = await left(SGD);
  // 0.96 and 0.65: AdamW's first steps have the size of lr whatever the gradient's.
  expect(rankCorrelation(sgd.parts, sgd.changes)).toBeGreaterThan(0.95);
  const adamw = await left(ADAMW);
  expect(rankCorrelation(adamw.parts, adamw.changes)).toBeGreaterThan(0.6);
  await head.release();
});

it.each([SGD, ADAMW, VLLM])(
  'measures it, several at once, as learning without it does, with %o',
  async (settings) => {
    const opened = await open('scaled-head');
    const { c, head, whole } = opened;
    const weights = c.labels.map((_, i) => 1 + (i % 3));
    const tokens = [c.labels[3]!, 7];
    const targets = [...c.labels.keys()].reverse();
    const { signal } = new AbortController();
    // A limit of the lane's own is not looked at: as many steps are taken as it took.
    const limited = { ...settings, klBudget: 1e-12 };
    const measured = await shiftsWithout(head, whole.weighted({ weights }), limited, targets, tokens, signal);
    expect([...measured.keys()]).toEqual(targets);
    for (const out of targets) {
      const kept = weights.map((weight, i) => (i === out ? 0 : weight));
      const { shift } = await learned(opened, settings, kept);
      expect(measured.get(out)).toEqual(tokens.map((token) => shift[token]!));
    }
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(
      shiftsWithout(head, whole.weighted({ weights }), settings, targets, tokens, stopped),
    ).rejects.toThrow('stopped');
    await head.release();
  },
);

it('is nothing where no step was taken', async () => {
  const { c, head, whole } = await open('head-bias');
  expect([...(await contributions(head, whole, SGD, 3, []))]).toEqual(c.labels.map(() => 0));
  await head.release();
});

it('cannot be measured of the only target that counts', async () => {
  const { c, head, whole } = await open('head-bias');
  const { signal } = new AbortController();
  const without = (counting: number) => {
    const weights = c.labels.map((_, i) => (i < counting ? 1 : 0));
    return shiftsWithout(head, whole.weighted({ weights }), SGD, [0], [3], signal);
  };
  expect([...(await without(1)).keys()]).toEqual([]);
  expect([...(await without(2)).keys()]).toEqual([0]);
  await head.release();
});

it('leaves out a target whose loss stops being finite in a later step', async () => {
  const opened = await open('head-bias');
  // Each step multiplies delta by 1 - lr·wd.
  const settings: OptimiserSettings = { ...SGD, lr: 1e10, weightDecay: 1e20, steps: 3 };
  const results = optimise(opened.head, opened.whole, settings);
  expect((await results.next()).value).toMatchObject({ step: 0 });
  const { signal } = new AbortController();
  const measured = await shiftsWithout(opened.head, opened.whole, settings, [0, 1], [3], signal);
  expect(measured.size).toBe(0);
  await opened.head.release();
});
