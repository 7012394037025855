/** Long prompts, whose probabilities are kept in 16 bits, and lanes that share each read: the numbers stay. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { evaluateTogether } from '../../engine/slot/evaluation';
import { PromptObjective } from '../../engine/slot/objective';
import { PromptPositions } from '../../engine/slot/positions';
import { uniform } from '../../fixtures/random-fill';
import { temporaryFolder } from '../../fixtures/runs';
import { openHead } from './heads';

// More than one chunk of the vocabulary, and a last one that it does not fill.
const [d, V, n] = [8, 4999, 70];
const next = uniform(5);
const weight = Array.from({ length: V * d }, () => 2 * next() - 1);
/** Some positions are sure of their next token, others spread over all. */
const hidden = Float32Array.from(
  { length: n * d },
  (_, i) => (2 * next() - 1) * (1 + 6 * (Math.floor(i / d) % 3)),
);
const targets = Array.from({ length: n }, (_, i) => (i * 7919) % V);
const weights = targets.map(() => 1 / n);

const folder = temporaryFolder();
let head: HeadRuntime;
beforeAll(async () => {
  head = await openHead(join(folder, 'head.onnx'), { d, V, weight });
});
afterAll(() => head.release());

const randomDelta = (size: number) => Float32Array.from({ length: d }, () => size * (2 * next() - 1));

/** Enough for all in 16 bits, and not in float32. */
const NARROW = { blockBytes: 2 ** 28, keptBytes: 0.6 * 4 * n * V };

describe('probabilities in 16 bits', () => {
  /** In float64, from the same hidden states. */
  function losses(delta: Float32Array, of = hidden): number[] {
    return targets.map((target, i) => {
      const logits = Array.from({ length: V }, (_, v) => {
        let sum = 0;
        for (let k = 0; k < d; k++) sum += Math.fround(weight[v * d + k]!) * (of[i * d + k]! + delta[k]!);
        return sum;
      });
      const highest = logits.reduce((a, b) => Math.max(a, b));
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
      return highest + Math.log(sum) - logits[target]!;
    });
  }

  it.each([0, 0.3, 1.5])('change no loss by more than float32 does (delta up to %d)', async (size) => {
    const delta = randomDelta(size);
    const computed: number[] = [];
    const objective = new PromptObjective(head, hidden, targets, (done) => computed.push(done), NARROW);
    await objective.atZero();
    const { loss, positionLoss, meanP } = await objective.evaluate(await head.projectDelta(delta));
    // Kept, all of them.
    expect(computed).toEqual([64, 70]);
    const expected = losses(delta);
    for (const [i, value] of expected.entries())
      expect(Math.abs(positionLoss[i]! - value)).toBeLessThan(3e-5);
    const mean = expected.reduce((a, b) => a + b, 0) / n;
    expect(Math.abs(loss - mean)).toBeLessThan(2e-6);
    expect(meanP.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  });

  it('are as good where all positions are sure of one token, each to another degree', async () => {
    const sure = Float32Array.from(
      { length: n * d },
      (_, i) => hidden[2 * d + (i % d)]! * (0.3 + (0.7 * Math.floor(i / d)) / n),
    );
    const objective = new PromptObjective(head, sure, targets, undefined, NARROW);
    await objective.atZero();
    const delta = randomDelta(0.3);
    const { positionLoss } = await objective.evaluate(await head.projectDelta(delta));
    for (const [i, value] of losses(delta, sure).entries())
      expect(Math.abs(positionLoss[i]! - value)).toBeLessThan(3e-5);
  });

  it('are left out where a shift makes much of what they drop', async () => {
    const objective = new PromptObjective(head, hidden, targets, undefined, NARROW);
    await objective.atZero();
    const direct = vi.spyOn(head, 'objective');
    const delta = Float32Array.from({ length: d }, (_, k) => (k === 0 ? 24 : 0));
    const { positionLoss } = await objective.evaluate(await head.projectDelta(delta));
    expect(direct).toHaveBeenCalled();
    direct.mockRestore();
    // float16's own rounding, of a token that the shift makes the only one.
    for (const [i, value] of losses(delta).entries())
      expect(Math.abs(positionLoss[i]! - value)).toBeLessThan(2 ** -11);
  });
});

describe.each([
  ['float32', undefined],
  ['16 bits', NARROW],
] as const)('lanes together, with probabilities in %s', (_, budget) => {
  it('have the losses that they have alone, to the bit', async () => {
    const positions = new PromptPositions(
      head,
      hidden,
      targets,
      () => {},
      budget ?? { ...NARROW, keptBytes: 2 ** 30 },
    );
    const halves = [0, 1].map((half) => weights.map((value, i) => (i % 2 === half ? 2 * value : 0)));
    // The last is moved so far that it is computed otherwise.
    const sizes = [0.1, 0.7, 2, 40];
    const points = [];
    for (const [i, size] of sizes.entries())
      points.push({ weights: [weights, ...halves][i % 3]!, b: await head.projectDelta(randomDelta(size)) });
    const together = await evaluateTogether(positions, points);
    for (const [i, point] of points.entries())
      expect(together[i]).toEqual((await evaluateTogether(positions, [point]))[0]);
  });
});

describe('products with W of several vectors', () => {
  it.each([V, 4096, 3, 1])('are those of each alone, to the bit (%i tokens)', async (vocab) => {
    const own = await openHead(join(folder, `${vocab}.onnx`), {
      d,
      V: vocab,
      weight: weight.slice(0, vocab * d),
    });
    const deltas = [1, 2, 3].map(randomDelta);
    const bs = await own.projectDeltas(deltas);
    const gradients = await own.transposedProducts(bs);
    for (const [i, delta] of deltas.entries()) {
      expect(bs[i]).toEqual(await own.projectDelta(delta));
      expect(gradients[i]).toEqual(await own.transposedProduct(bs[i]!));
      for (const [k, value] of gradients[i]!.entries()) {
        let sum = 0;
        for (let v = 0; v < vocab; v++) sum += weight[v * d + k]! * bs[i]![v]!;
        expect(Math.abs(value - sum)).toBeLessThan(1e-5 * vocab);
      }
    }
    await own.release();
  });
});
