/** The prompt's objective: what it computes anew, what it keeps, and when probabilities without delta serve. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { PromptObjective } from '../../engine/slot/objective';
import { NonFiniteStep, optimise } from '../../engine/slot/optimise';
import { IGNORED } from '../../engine/slot/positions';
import { openHead } from './heads';

const [d, V] = [2, 4];
const ROW_BYTES = 4 * V;
const weight = [1, 0, 0, 1, -1, 0, 0.5, -0.5];

const folder = mkdtempSync(join(tmpdir(), 'slot-objective-'));
let affine: HeadRuntime;
let capped: HeadRuntime;
beforeAll(async () => {
  affine = await openHead(join(folder, 'affine.onnx'), { d, V, weight });
  capped = await openHead(join(folder, 'capped.onnx'), { d, V, weight, softcap: 30 });
});
afterAll(async () => {
  await affine.release();
  await capped.release();
  rmSync(folder, { recursive: true });
});

function prompt(n: number): { hidden: Float32Array; targets: number[] } {
  const hidden = Float32Array.from({ length: n * d }, (_, i) => Math.sin(i));
  return { hidden, targets: Array.from({ length: n }, (_, i) => i % V) };
}

/** The positions that each pass over the prompt computes logits for, told by the objective's own progress. */
function watched(head: HeadRuntime, n: number, budget?: { blockBytes: number; keptBytes: number }) {
  const { hidden, targets } = prompt(n);
  const computed: number[] = [];
  const objective = new PromptObjective(head, hidden, targets, (done) => computed.push(done), budget);
  const pass = async (b: Float32Array) => {
    computed.length = 0;
    await objective.evaluate(b);
    return [...computed];
  };
  return { objective, pass };
}

const zero = new Float32Array(V);
const WIDE = Float32Array.of(0, 51, 20, 0);

describe('the blocks of a prompt', () => {
  it('hold 64 positions at most, so that a cancel is seen soon', async () => {
    expect(await watched(affine, 128).pass(zero)).toEqual([64, 128]);
    expect(await watched(affine, 130).pass(zero)).toEqual([64, 128, 130]);
  });

  it('hold as many as fit their budget, and one at least', async () => {
    const five = { blockBytes: 5 * ROW_BYTES, keptBytes: 0 };
    expect(await watched(affine, 12, five).pass(zero)).toEqual([5, 10, 12]);
    expect(await watched(affine, 3, { blockBytes: 1, keptBytes: 0 }).pass(zero)).toEqual([1, 2, 3]);
  });

  it.each([
    ['affine', () => affine],
    ['soft-capped', () => capped],
  ])('are kept up to the budget for all, and computed anew beyond (%s)', async (_, head) => {
    const budget = { blockBytes: 5 * ROW_BYTES, keptBytes: 10 * ROW_BYTES };
    const { pass } = watched(head(), 20, budget);
    expect(await pass(zero)).toEqual([5, 10, 15, 20]);
    expect(await pass(zero)).toEqual([15, 20]);
    expect(await pass(zero)).toEqual([15, 20]);
  });

  it('are narrowed only where they do not all fit', async () => {
    const narrowed = vi.spyOn(affine, 'narrowed');
    await watched(affine, 4, { blockBytes: 64 * ROW_BYTES, keptBytes: 4 * ROW_BYTES }).pass(zero);
    expect(narrowed).not.toHaveBeenCalled();
    await watched(affine, 4, { blockBytes: 64 * ROW_BYTES, keptBytes: 4 * ROW_BYTES - 1 }).pass(zero);
    expect(narrowed).toHaveBeenCalledTimes(1);
    narrowed.mockRestore();
  });

  it('of an affine head keep probabilities alone: logits of a wide shift are not kept beside them', async () => {
    const { pass } = watched(affine, 10);
    expect(await pass(WIDE)).toEqual([10]);
    expect(await pass(WIDE)).toEqual([10]);
    expect(await pass(zero)).toEqual([10]);
    expect(await pass(zero)).toEqual([]);
  });
});

describe('a shift', () => {
  /** Which of the head's two objectives serves. */
  async function way(head: HeadRuntime, b: Float32Array): Promise<string[]> {
    const spies = [vi.spyOn(head, 'shiftedObjectives'), vi.spyOn(head, 'objective')];
    const { hidden, targets } = prompt(3);
    await new PromptObjective(head, hidden, targets).evaluate(b);
    const called = spies.flatMap((spy) => (spy.mock.calls.length > 0 ? [spy.getMockName()] : []));
    for (const spy of spies) spy.mockRestore();
    return called;
  }

  it('is applied to the probabilities without it up to a spread of 50, where float32 still holds', async () => {
    expect(await way(affine, Float32Array.of(10, -20, 30, 0))).toEqual(['shiftedObjectives']);
    expect(await way(affine, Float32Array.of(10, -20, 30.01, 0))).toEqual(['objective']);
    expect(await way(affine, Float32Array.of(10, -20.01, 30, 0))).toEqual(['objective']);
    expect(await way(capped, Float32Array.of(10, -20, 30, 0))).toEqual(['objective']);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('with %d in it is no small one', async (value) => {
    expect(await way(affine, Float32Array.of(value, 0, 0, 0))).toEqual(['objective']);
    expect(await way(affine, Float32Array.of(0, 0, 0, value))).toEqual(['objective']);
  });
});

describe('what counts', () => {
  const WEIGHTS = [0, 0, 0, 0, 1, 0];

  it('is nothing where every target is ignored: the loss is no number', async () => {
    const { hidden } = prompt(2);
    const { loss, positionLoss } = await new PromptObjective(affine, hidden, [IGNORED, IGNORED]).atZero();
    expect([loss, ...positionLoss]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    const { objective } = watched(affine, 2);
    expect((await objective.weighted({ weights: [0, 0] }).atZero()).loss).toBeNaN();
  });

  it.each([
    ['affine', () => affine],
    ['soft-capped', () => capped],
  ])('is told of each target that is not ignored, whatever its weight (%s)', async (_, head) => {
    const { hidden, targets } = prompt(4);
    const all = await new PromptObjective(head(), hidden, targets).atZero();
    const one = targets.map((target, i) => (i === 1 ? IGNORED : target));
    const { positionLoss } = await new PromptObjective(head(), hidden, one)
      .weighted({ weights: [1, 1, 0, 1] })
      .atZero();
    expect([...positionLoss]).toEqual([...all.positionLoss].map((loss, i) => (i === 1 ? Number.NaN : loss)));
  });

  it('is all that the KL of a soft-capped head is taken of, block by block', async () => {
    const { objective, pass } = watched(capped, 6, { blockBytes: 2 * ROW_BYTES, keptBytes: 0 });
    const own = objective.weighted({ weights: WEIGHTS });
    const b = Float32Array.of(0.5, 0, -0.5, 1);
    await pass(b);
    const project = vi.spyOn(capped, 'project');
    const distributions = vi.spyOn(capped, 'distributions');
    const kl = await own.kl(b, await own.atZero());
    // Three blocks without delta, and the one that has weight.
    expect(project).toHaveBeenCalledTimes(4);
    expect(distributions).toHaveBeenCalledTimes(1);
    expect(kl).toBe((await distributions.mock.results[0]!.value).kl);
    project.mockRestore();
    distributions.mockRestore();
  });

  it('is all that pulls are taken of, block by block', async () => {
    const computed: number[] = [];
    const { hidden, targets } = prompt(6);
    const budget = { blockBytes: 2 * ROW_BYTES, keptBytes: 0 };
    const objective = new PromptObjective(affine, hidden, targets, (done) => computed.push(done), budget);
    const pulls = await objective
      .weighted({ weights: WEIGHTS })
      .pullsAlong(Float32Array.of(1, 2, 3, 4), zero);
    expect(computed).toEqual([6]);
    expect(pulls.map(Math.sign)).toEqual(Float64Array.of(0, 0, 0, 0, 1, 0));
  });

  it('has a KL without a pass over the logits where the head is affine', async () => {
    const { objective } = watched(affine, 4);
    const b = Float32Array.of(0.5, 0, -0.5, 1);
    const after = await objective.evaluate(b);
    await objective.atZero();
    const spies = [vi.spyOn(affine, 'project'), vi.spyOn(affine, 'baseSoftmax')];
    expect(objective.isKlCheap).toBe(true);
    expect(await objective.kl(b, after)).toBeGreaterThan(0.01);
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});

describe('the steps', () => {
  const SETTINGS = { preset: 'transformers', steps: 3, lr: 0.01 } as const;

  async function stepsOf(head: HeadRuntime, targets?: number[]) {
    const of = prompt(4);
    const objective = new PromptObjective(head, of.hidden, targets ?? of.targets);
    const results = [];
    for await (const result of optimise(head, objective, SETTINGS)) results.push(result);
    return results;
  }

  it('need a token to learn from', async () => {
    const ignored = [IGNORED, IGNORED, IGNORED, IGNORED];
    await expect(stepsOf(affine, ignored)).rejects.toMatchObject({ code: 'nothing-to-learn' });
  });

  it('end with their number where a gradient or loss is not finite', async () => {
    const product = vi.spyOn(affine, 'transposedProducts');
    product.mockResolvedValueOnce([Float32Array.of(1, 1)]);
    product.mockResolvedValueOnce([Float32Array.of(Number.POSITIVE_INFINITY, 1)]);
    await expect(stepsOf(affine)).rejects.toEqual(new NonFiniteStep(1));
    product.mockRestore();
    const projected = vi
      .spyOn(affine, 'projectDeltas')
      .mockResolvedValue([new Float32Array(V).fill(Number.NaN)]);
    await expect(stepsOf(affine)).rejects.toEqual(new NonFiniteStep(0));
    projected.mockRestore();
  });

  it('end before the first where the prompt itself has no finite loss', async () => {
    const { targets } = prompt(4);
    const objective = new PromptObjective(affine, new Float32Array(4 * d).fill(Number.NaN), targets);
    const product = vi.spyOn(affine, 'transposedProducts');
    await expect(optimise(affine, objective, SETTINGS).next()).rejects.toEqual(new NonFiniteStep(0));
    expect(product).not.toHaveBeenCalled();
    product.mockRestore();
  });

  it('say how long each took', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const real = affine.transposedProducts.bind(affine);
    const product = vi.spyOn(affine, 'transposedProducts').mockImplementation((r) => {
      vi.advanceTimersByTime(30);
      return real(r);
    });
    vi.advanceTimersByTime(1000);
    expect((await stepsOf(affine)).map(({ ms }) => ms)).toEqual([30, 30, 30]);
    product.mockRestore();
    vi.useRealTimers();
  });
});
