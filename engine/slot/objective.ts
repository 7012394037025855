/**
 * The prompt's own cross-entropy as a function of delta, at the cost of two reads of z = W·H.
 *
 * delta is the same at all positions, so W·(h + delta) = z + b with b = W·delta, and the gradient is
 * Wᵀ·r with r the weighted mean over positions of (softmax - onehot)·tail′: averaged first, multiplied once.
 */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { type Block, DEFAULT_BUDGET, IGNORED, type MemoryBudget, PromptPositions } from './positions';

export interface Evaluation {
  /** Weighted mean cross-entropy over the targets, nats; summed in float64. */
  readonly loss: number;
  /** [targets] cross-entropy of each target, whatever its weight; NaN where ignored. */
  readonly positionLoss: Float64Array;
  /** [V] softmax averaged over the targets' positions with their weights. */
  readonly meanP: Float32Array;
  /** [V] the loss's derivative by z, summed over positions. */
  readonly residual: Float32Array;
}

/** How much each target counts, [targets] each; only the ratios matter. */
export interface Fit {
  readonly weights: readonly number[];
  /** Of targets that delta is not learned from, whose loss is told beside. */
  readonly heldOut?: readonly number[] | undefined;
}

/**
 * Up to this spread of the shift over the vocabulary, probabilities without delta serve: what float32 drops below
 * exp(-87) then has a share below V·exp(50 - 87), less than float32 rounding.
 */
const MAX_SHIFT_WIDTH = 50;

/** Loss = Σ w·cross-entropy / Σ w over the targets. */
export class WeightedObjective {
  /** [targets] 1 in all; 0 where a target is ignored. */
  readonly weights: readonly number[];
  /** The same of the held-out targets. */
  readonly heldOut: readonly number[] | undefined;
  /** Of those that count. */
  readonly targetCount: number;
  private initial: Promise<Evaluation> | undefined;

  constructor(
    protected readonly positions: PromptPositions,
    fit: Fit,
  ) {
    this.weights = normalised(fit.weights, positions.targets);
    this.heldOut = fit.heldOut && normalised(fit.heldOut, positions.targets);
    this.targetCount = this.weights.filter((weight) => weight > 0).length;
  }

  /** The evaluation without delta; computed once for all lanes of the same weights. */
  atZero(): Promise<Evaluation> {
    this.initial ??= this.evaluate(new Float32Array(this.positions.head.vocab));
    return this.initial;
  }

  /** @param b [V] W·delta */
  async evaluate(b: Float32Array): Promise<Evaluation> {
    const { head, targets, blocks } = this.positions;
    const positionLoss = new Float64Array(targets.length).fill(Number.NaN);
    const { shift, lowest, highest } = scaled(b, head.logitScale);
    const cheap = head.isAffine && highest - lowest <= MAX_SHIFT_WIDTH;
    const meanP = new Float32Array(head.vocab);
    const residual = new Float32Array(head.vocab);
    for (const block of blocks) {
      const { start, labels } = block;
      const weights = this.weightsOf(block);
      const part = cheap
        ? await head.shiftedObjective(
            await this.positions.baseSoftmax(block),
            shift,
            highest,
            labels,
            weights,
          )
        : await head.objective(await this.positions.z(block), b, labels, weights);
      for (const i of labels.keys())
        if (targets[start + i] !== IGNORED) positionLoss[start + i] = part.nll[i]!;
      add(meanP, part.meanP);
      if (part.residual) add(residual, part.residual);
    }
    if (head.isAffine) this.affineResidual(meanP, residual);
    return { loss: weightedSum(positionLoss, this.weights), positionLoss, meanP, residual };
  }

  /** The loss on the held-out targets; undefined where there are none. */
  heldOutLoss({ positionLoss }: Evaluation): number | undefined {
    return this.heldOut && weightedSum(positionLoss, this.heldOut);
  }

  /** Whether `kl` takes no pass over the logits. */
  get isKlCheap(): boolean {
    return this.positions.head.isAffine;
  }

  /**
   * The weighted mean over positions of KL(slot ‖ base), nats. Where the tail is affine, position i's is
   * p·shift - log(Σ p_base·exp(shift)), and the logarithm is what its loss grew by, plus the target's shift.
   * @param b [V] W·delta @param after its evaluation
   */
  async kl(b: Float32Array, after: Evaluation): Promise<number> {
    const { head, targets } = this.positions;
    if (!head.isAffine) return this.klByPosition(b);
    const before = await this.atZero();
    const { shift } = scaled(b, head.logitScale);
    let sum = 0;
    for (let id = 0; id < shift.length; id++) sum += after.meanP[id]! * shift[id]!;
    for (const [i, weight] of this.weights.entries()) {
      if (weight === 0) continue;
      sum -= weight * (after.positionLoss[i]! - before.positionLoss[i]! + shift[targets[i]!]!);
    }
    return Math.max(0, sum);
  }

  /**
   * How much each target's part of the loss changes along a direction of the logits: its weight times the derivative by
   * z, times `q`. For affine tails, and shifts whose spread float32 holds.
   * @param q [V] @param b [V] W·delta where it is measured @returns [targets]
   */
  async pullsAlong(q: Float32Array, b: Float32Array): Promise<Float64Array> {
    const { head, targets, blocks } = this.positions;
    const { shift, highest } = scaled(b, head.logitScale);
    const growth = shift.map((value) => Math.exp(value - highest));
    const pulls = new Float64Array(targets.length);
    for (const block of blocks) {
      const weights = this.weightsOf(block);
      if (weights.every((weight) => weight === 0)) continue;
      const { p } = await this.positions.baseSoftmax(block);
      for (const [row, weight] of weights.entries()) {
        if (weight === 0) continue;
        const mean = meanUnder(p.subarray(row * head.vocab, (row + 1) * head.vocab), growth, q);
        pulls[block.start + row] = weight * head.logitScale * (mean - q[block.labels[row]!]!);
      }
    }
    return pulls;
  }

  private async klByPosition(b: Float32Array): Promise<number> {
    const { head, blocks } = this.positions;
    let sum = 0;
    for (const block of blocks) {
      const weights = this.weightsOf(block);
      if (weights.every((weight) => weight === 0)) continue;
      const z = await this.positions.z(block);
      for (const [row, weight] of weights.entries()) {
        if (weight === 0) continue;
        const own = z.subarray(row * head.vocab, (row + 1) * head.vocab);
        sum += weight * (await head.distributions(own, b)).kl;
      }
    }
    return sum;
  }

  private weightsOf({ start, labels }: Block): readonly number[] {
    return this.weights.slice(start, start + labels.length);
  }

  /** With one slope for all tokens, r = slope·(mean softmax - mean onehot). */
  private affineResidual(meanP: Float32Array, residual: Float32Array): void {
    const { logitScale } = this.positions.head;
    for (let id = 0; id < meanP.length; id++) residual[id] = logitScale * meanP[id]!;
    for (const [i, weight] of this.weights.entries())
      if (weight > 0) residual[this.positions.targets[i]!]! -= logitScale * weight;
  }
}

/** Of the whole prompt, each target counting the same. */
export class PromptObjective extends WeightedObjective {
  /**
   * @param hidden [n, d] last hidden states; row i predicts targets[i], later rows are not used
   * @param targets the token that follows each position, or IGNORED
   * @param onProgress called as logits are computed, with the positions done in this pass; may throw to stop
   */
  constructor(
    head: HeadRuntime,
    hidden: Float32Array,
    targets: readonly number[],
    onProgress: (positions: number) => void = () => {},
    budget: MemoryBudget = DEFAULT_BUDGET,
  ) {
    super(new PromptPositions(head, hidden, targets, onProgress, budget), { weights: targets.map(() => 1) });
  }

  /** The same positions with other weights. @throws RangeError for weights that are negative or not finite */
  weighted(fit: Fit): WeightedObjective {
    return new WeightedObjective(this.positions, fit);
  }
}

/** @returns 1 in all, or all 0 where every target is ignored */
function normalised(weights: readonly number[], targets: readonly number[]): number[] {
  if (weights.length !== targets.length)
    throw new RangeError(`${weights.length} weights for ${targets.length} targets`);
  if (weights.some((weight) => !(weight >= 0 && Number.isFinite(weight))))
    throw new RangeError('a weight is negative or no finite number');
  const counting = weights.map((weight, i) => (targets[i] === IGNORED ? 0 : weight));
  const sum = counting.reduce((total, weight) => total + weight, 0);
  return sum === 0 ? counting : counting.map((weight) => weight / sum);
}

/** NaN where nothing counts. */
function weightedSum(values: Float64Array, weights: readonly number[]): number {
  let [sum, total] = [0, 0];
  for (const [i, weight] of weights.entries()) {
    if (weight === 0) continue;
    sum += weight * values[i]!;
    total += weight;
  }
  return total === 0 ? Number.NaN : sum;
}

/** scale·b with its extremes, which are NaN where a value is not finite, so that no comparison holds. */
function scaled(b: Float32Array, scale: number): { shift: Float32Array; lowest: number; highest: number } {
  const shift = new Float32Array(b.length);
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let allFinite = true;
  for (let id = 0; id < b.length; id++) {
    const value = scale * b[id]!;
    shift[id] = value;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
    allFinite &&= Number.isFinite(value);
  }
  return allFinite ? { shift, lowest, highest } : { shift, lowest: Number.NaN, highest: Number.NaN };
}

/** The mean of `values` with weights p⊙growth. */
function meanUnder(p: Float32Array, growth: Float32Array, values: Float32Array): number {
  let [sum, total] = [0, 0];
  for (let id = 0; id < p.length; id++) {
    const share = p[id]! * growth[id]!;
    total += share;
    sum += share * values[id]!;
  }
  return sum / total;
}

function add(into: Float32Array, other: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! += other[i]!;
}
