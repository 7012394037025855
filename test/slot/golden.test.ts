/** Every trace that PyTorch's autograd and AdamW left in float64, through our graphs and our optimiser. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PromptObjective } from '../../engine/slot/objective';
import { optimise } from '../../engine/slot/optimise';
import { IGNORED } from '../../engine/slot/positions';
import { GOLDEN, type GoldenCase } from './golden';
import { openHead } from './heads';

const folder = mkdtempSync(join(tmpdir(), 'slot-golden-'));
afterAll(() => rmSync(folder, { recursive: true }));

const openCase = (c: GoldenCase) => openHead(join(folder, `${c.name}.onnx`), c);

function expectRelative(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.max(1e-6, Math.abs(expected)));
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

function centred(values: ArrayLike<number>): number[] {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return list.map((value) => value - mean);
}

/** From z [n, V], position by position in float64: what each target costs, mean p, and the mean loss's derivative by z. */
function objectiveOf(c: GoldenCase, z: Float32Array, b: Float32Array, targets: readonly number[]) {
  const meanP = new Float64Array(c.V);
  const residual = new Float64Array(c.V);
  const nll = targets.map((target, row) => {
    const raw = Array.from(
      { length: c.V },
      (_, v) => c.scale * (z[row * c.V + v]! + b[v]! + (c.bias?.[v] ?? 0)),
    );
    const logits = raw.map((value) => (c.softcap ? c.softcap * Math.tanh(value / c.softcap) : value));
    const highest = Math.max(...logits);
    const logSum = highest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
    for (const [v, logit] of logits.entries()) {
      const p = Math.exp(logit - logSum);
      const slope = c.scale * (c.softcap ? 1 - (logit / c.softcap) ** 2 : 1);
      meanP[v]! += p / targets.length;
      residual[v]! += (slope * (p - (v === target ? 1 : 0))) / targets.length;
    }
    return logSum - logits[target]!;
  });
  return { nll, meanP, residual };
}

describe.each(GOLDEN)('$name', (c) => {
  // Small blocks with too little room to keep them all must give the same numbers.
  const budgets = [undefined, { blockBytes: 4 * c.V * 5, keptBytes: 4 * c.V * 5 }];

  it.each(budgets)('follows the PyTorch trace (memory budget %o)', async (budget) => {
    const head = await openCase(c);
    const hidden = Float32Array.from(c.hidden);
    const objective = new PromptObjective(head, hidden, c.labels, undefined, budget);
    const before = await objective.atZero();
    let after = before;
    let b: Float32Array = new Float32Array(c.V);
    let step = 0;
    for await (const result of optimise(head, objective, { preset: c.variant, steps: c.steps, lr: c.lr })) {
      const expected = c.trace[step]!;
      expectRelative(result.loss, expected.loss, 1e-4);
      expectRelative(result.gradNorm, expected.gradNorm, 1e-3);
      expectRelative(result.deltaNorm, expected.deltaNorm, 1e-3);
      expect(largestDifference(result.delta, expected.delta)).toBeLessThan(
        1e-3 * Math.max(1, expected.deltaNorm),
      );
      ({ after, b } = result);
      step += 1;
    }
    expect(step).toBe(c.steps);
    expectRelative(after.loss, c.finalLoss, 1e-4);
    c.labels.forEach((label, i) => {
      if (label === IGNORED) return;
      expectRelative(before.positionLoss[i]!, c.positionLossBefore[i]!, 1e-3);
      expectRelative(after.positionLoss[i]!, c.positionLossAfter[i]!, 1e-3);
    });
    // Log-probabilities move as the logits do, but for a constant.
    const last = await head.project(hidden.slice(-c.d));
    const both = await head.distributions(last, b);
    const moved = both.logprobs.map((logprob, i) => logprob - both.baseLogprobs[i]!);
    expect(largestDifference(centred(moved), centred(c.lastPositionShift))).toBeLessThan(5e-3);
    await head.release();
  });

  it('gives a row the same logits alone and with others', async () => {
    const head = await openCase(c);
    const rows = [0, 1, 2].map((row) => Float32Array.from(c.hidden.slice(row * c.d, (row + 1) * c.d)));
    const together = await head.project(Float32Array.from(rows.flatMap((row) => [...row])));
    for (const [i, row] of rows.entries()) {
      const alone = await head.project(row);
      expect(largestDifference(together.subarray(i * c.V, (i + 1) * c.V), alone)).toBeLessThan(1e-4);
    }
    await head.release();
  });

  it('has one objective, however it is computed', async () => {
    const head = await openCase(c);
    const targets = c.labels.filter((label) => label !== IGNORED);
    const hidden = Float32Array.from(c.hidden).slice(-targets.length * c.d);
    const z = await head.project(hidden);
    const weights = targets.map(() => 1 / targets.length);
    const b = Float32Array.from({ length: c.V }, (_, i) => 6 * Math.sin(3 * i));
    const direct = await head.objective(z, b, targets, weights);
    const expected = objectiveOf(c, z, b, targets);
    for (const [i, nll] of expected.nll.entries()) expectRelative(direct.nll[i]!, nll, 1e-4);
    expect(largestDifference(direct.meanP, expected.meanP)).toBeLessThan(1e-6);
    if (head.isAffine) {
      const baseSoftmax = await head.baseSoftmax(hidden, targets);
      const shifts = await head.shifts([b]);
      const [cheap] = await head.shiftedObjectives(baseSoftmax, shifts, targets, [weights]);
      for (const [i, nll] of Array.from(cheap!.nll).entries()) expectRelative(nll, direct.nll[i]!, 1e-5);
      expect(largestDifference(cheap!.meanP, direct.meanP)).toBeLessThan(1e-6);
    } else {
      expect(c.softcap).not.toBeNull();
      expect(largestDifference(direct.residual!, expected.residual)).toBeLessThan(1e-5);
    }
    await head.release();
  });
});

it("takes a lane's weight decay in place of the preset's, as PyTorch's AdamW does with 0.5", async () => {
  const c = GOLDEN.find(({ name }) => name === 'one-target')!;
  const head = await openCase(c);
  const objective = new PromptObjective(head, Float32Array.from(c.hidden), c.labels);
  const settings = { preset: c.variant, steps: c.steps, lr: c.lr, weightDecay: 0.5 };
  const norms: number[] = [];
  for await (const { deltaNorm } of optimise(head, objective, settings)) norms.push(deltaNorm);
  const expected = [0.28282041805916885, 0.5036745651653154, 0.7047126512313022, 0.9031202237519602];
  expect(norms).toHaveLength(expected.length);
  for (const [i, norm] of expected.entries()) expectRelative(norms[i]!, norm, 1e-4);
  await head.release();
});
