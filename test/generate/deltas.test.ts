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

it.each([
  [[1, 2, 5], 5],
  [[5, 2, 1], 5],
  [[2, 5, 2, 4], 5],
])('lanes of %j steps take %i gradients', async (counts, expected) => {
  const lanes = counts.map((steps) => lane(steps));
  const product = vi.spyOn(head, 'transposedProduct');
  const deltas = new PromptDeltas(head, objective(), new AbortController().signal, lanes);
  const shared = [];
  for (const each of lanes) shared.push(await taken(deltas.steps(each)));
  expect(product).toHaveBeenCalledTimes(expected);
  product.mockRestore();
  for (const [i, each] of lanes.entries())
    expect(shared[i]).toEqual(await taken(optimise(head, objective(), each)));
});

it('lanes of another rate, preset or weight decay share nothing', async () => {
  const lanes = [lane(3), lane(3, { lr: 0.2 }), lane(3, { preset: 'vllm' }), lane(3, { weightDecay: 0.5 })];
  const deltas = new PromptDeltas(head, objective(), new AbortController().signal, lanes);
  for (const each of lanes)
    expect(await taken(deltas.steps(each))).toEqual(await taken(optimise(head, objective(), each)));
});

it('more steps than the lanes have are whole, though they begin among shared ones', async () => {
  const lanes = [lane(3), lane(1)];
  const deltas = new PromptDeltas(head, objective(), new AbortController().signal, lanes);
  for (const each of lanes) await taken(deltas.steps(each));
  expect(await taken(deltas.steps(lane(6)))).toEqual(await taken(optimise(head, objective(), lane(6))));
});

it('a step that is not finite ends every lane that comes to it, and no shorter one', async () => {
  const lanes = [lane(2), lane(1), lane(3)];
  const product = vi.spyOn(head, 'transposedProduct');
  product.mockResolvedValueOnce(Float32Array.of(1, 1));
  product.mockResolvedValueOnce(Float32Array.of(Number.POSITIVE_INFINITY, 1));
  const deltas = new PromptDeltas(head, objective(), new AbortController().signal, lanes);
  await expect(taken(deltas.steps(lanes[0]!))).rejects.toEqual(new NonFiniteStep(1));
  expect(await taken(deltas.steps(lanes[1]!))).toHaveLength(1);
  await expect(taken(deltas.steps(lanes[2]!))).rejects.toEqual(new NonFiniteStep(1));
  product.mockRestore();
});
