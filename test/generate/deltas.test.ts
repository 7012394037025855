/** Steps nest: lanes that differ in their number alone share one optimisation, to the same results. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PromptDeltas } from '../../engine/generate/deltas';
import type { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { LaneSettings } from '../../engine/protocol';
import { PromptObjective } from '../../engine/slot/objective';
import { NonFiniteStep, optimise } from '../../engine/slot/optimise';
import { temporaryFolder } from '../../fixtures/runs';
import { openHead } from '../slot/heads';

const [d, V, n] = [2, 4, 4];
const targets = Array.from({ length: n }, (_, i) => i % V);
const folder = temporaryFolder();
let head: HeadRuntime;
beforeAll(async () => {
  head = await openHead(join(folder, 'head.onnx'), { d, V, weight: [1, 0, 0, 1, -1, 0, 0.5, -0.5] });
});
afterAll(() => head.release());

const objective = () =>
  new PromptObjective(
    head,
    Float32Array.from({ length: n * d }, (_, i) => Math.sin(i)),
    targets,
  );

function lane(steps: number, more: Partial<LaneSettings> = {}): LaneSettings {
  return LaneSettings.parse({ name: `${steps} of ${more.lr ?? 0.1}`, steps, ...more });
}

/** Times vary. */
async function taken(results: AsyncIterable<{ readonly ms: number }>): Promise<object[]> {
  const kept = [];
  for await (const { ms: _, ...result } of results) kept.push(result);
  return kept;
}

/** What becomes of each lane, in order. */
async function takenTogether(lanes: readonly LaneSettings[]): Promise<Map<LaneSettings, object[]>> {
  const deltas = new PromptDeltas(head, objective(), new AbortController().signal);
  const kept = new Map<LaneSettings, object[]>(lanes.map((each) => [each, []]));
  for await (const { lane: each, ...outcome } of deltas.together(lanes)) {
    if (!('result' in outcome)) kept.get(each)!.push(outcome);
    else {
      const { ms: _, ...result } = outcome.result;
      kept.get(each)!.push(result);
    }
  }
  return kept;
}

it.each([
  [[1, 2, 5], 5],
  [[5, 2, 1], 5],
  [[2, 5, 2, 4], 5],
])('lanes of %j steps take %i gradients', async (counts, expected) => {
  const lanes = counts.map((steps) => lane(steps));
  const product = vi.spyOn(head, 'transposedProducts');
  const shared = await takenTogether(lanes);
  expect(product.mock.calls.map(([residuals]) => residuals.length)).toEqual(Array(expected).fill(1));
  product.mockRestore();
  for (const each of lanes) {
    const alone = await taken(optimise(head, objective(), each));
    expect(shared.get(each)).toEqual([...alone, { isOver: true }]);
  }
});

const OTHERS: readonly [string, Partial<LaneSettings>][] = [
  ['rate', { lr: 0.2 }],
  ['preset', { preset: 'vllm' }],
  ['weight decay', { weightDecay: 0.5 }],
  ['optimiser', { optimiser: 'sgd' }],
];

it('lanes of another rate, preset, decay or optimiser take each step at one read, and what they take alone', async () => {
  const lanes = [lane(3), ...OTHERS.map(([, more], i) => lane(2 + i, more))];
  const product = vi.spyOn(head, 'transposedProducts');
  const together = await takenTogether(lanes);
  expect(product.mock.calls.map(([residuals]) => residuals.length)).toEqual([5, 5, 4, 2, 1]);
  product.mockRestore();
  for (const each of lanes) {
    const alone = await taken(optimise(head, objective(), each));
    expect(together.get(each)).toEqual([...alone, { isOver: true }]);
  }
});

it('a lane that is stopped by its budget leaves the others as they are', async () => {
  const lanes = [lane(4, { klBudget: 1e-3 }), lane(4), lane(3, { lr: 0.3 })];
  const together = await takenTogether(lanes);
  expect(together.get(lanes[0]!)!.length).toBeLessThan(5);
  expect(together.get(lanes[0]!)!.at(-1)).toEqual({ isOver: true });
  for (const each of lanes.slice(1)) {
    const alone = await taken(optimise(head, objective(), each));
    expect(together.get(each)).toEqual([...alone, { isOver: true }]);
  }
});

it('what a control is made of ends at the same budget, says why, and is not optimised again', async () => {
  const steps = 3;
  const kls: number[] = [];
  for await (const { kl } of optimise(head, objective(), lane(steps, { klBudget: 1000 }))) kls.push(kl!);
  const slot = lane(9, { klBudget: kls.at(-1)! });
  const deltas = new PromptDeltas(head, objective(), new AbortController().signal);
  const product = vi.spyOn(head, 'transposedProducts');
  const told: number[] = [];
  const last = await deltas.after(slot, (step) => told.push(step));
  expect(told).toEqual(Array.from({ length: steps }, (_, step) => step));
  expect(deltas.stopOf(slot)).toMatchObject({ by: 'kl' });
  expect(deltas.stopOf({ ...slot, steps })).toBeUndefined();
  const alone = await taken(optimise(head, objective(), slot));
  expect(alone.at(-1)).toMatchObject({ delta: last });
  const products = product.mock.calls.length;
  const first = await deltas.after({ ...slot, steps: 1 });
  expect(alone[0]).toMatchObject({ delta: first });
  expect(await deltas.after({ ...slot, steps: 20 })).toBe(last);
  expect(product).toHaveBeenCalledTimes(products);
  product.mockRestore();
});

it('a delta whose limit allows no step is zeros', async () => {
  const deltas = new PromptDeltas(head, objective(), new AbortController().signal);
  expect(await deltas.after(lane(2, { klBudget: 1e-12 }))).toEqual(new Float32Array(d));
});

it('a step that is not finite ends every lane that comes to it, and no shorter or other one', async () => {
  const lanes = [lane(2), lane(1), lane(3), lane(3, { lr: 0.2 })];
  const real = head.transposedProducts.bind(head);
  let calls = 0;
  const product = vi.spyOn(head, 'transposedProducts').mockImplementation(async (residuals) => {
    const [first, ...others] = await real(residuals);
    return [calls++ === 1 ? Float32Array.of(Number.POSITIVE_INFINITY, 1) : first!, ...others];
  });
  const together = await takenTogether(lanes);
  product.mockRestore();
  expect(together.get(lanes[0]!)!.at(-1)).toEqual({ failed: new NonFiniteStep(1) });
  expect(together.get(lanes[1]!)!.at(-1)).toEqual({ isOver: true });
  expect(together.get(lanes[2]!)).toHaveLength(2);
  const alone = await taken(optimise(head, objective(), lanes[3]!));
  expect(together.get(lanes[3]!)).toEqual([...alone, { isOver: true }]);
});

it('a cancel ends all of them with its reason', async () => {
  const cancel = new AbortController();
  const deltas = new PromptDeltas(head, objective(), cancel.signal);
  const steps = deltas.together([lane(3), lane(3, { lr: 0.2 })]);
  await steps.next();
  cancel.abort(new Error('cancelled'));
  await expect(steps.next()).rejects.toThrow('cancelled');
});
