/**
 * The prompt's own cross-entropy as a function of delta, at the cost of two reads of z = W·H.
 *
 * delta is the same at all positions, so W·(h + delta) = z + b with b = W·delta, and the gradient is
 * Wᵀ·r with r the weighted mean over positions of (softmax - onehot)·tail′: averaged first, multiplied once.
 */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { type Evaluation, evaluateTogether, weightedSum } from './evaluation';
import { type Block, DEFAULT_BUDGET, IGNORED, type MemoryBudget, PromptPositions } from './positions';

/** How much each target counts, [targets] each; only the ratios matter. */
export interface Fit {
  readonly weights: readonly number[];
  /** Of targets that delta is not learned from, whose loss is told beside. */
  readonly heldOut?: readonly number[] | undefined;
}

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
    readonly positions: PromptPositions,
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
    const [evaluation] = await evaluateTogether(this.positions, [{ weights: this.weights, b }]);
    return evaluation!;
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
    let mean = 0;
    for (let id = 0; id < b.length; id++) mean += after.meanP[id]! * b[id]!;
    let sum = head.logitScale * mean;
    for (const [i, weight] of this.weights.entries()) {
      if (weight === 0) continue;
      sum -= weight * (after.positionLoss[i]! - before.positionLoss[i]! + head.logitScale * b[targets[i]!]!);
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
    const values = await head.shiftedValues(b, q);
    const pulls = new Float64Array(targets.length);
    for (const block of blocks) {
      const weights = this.weightsOf(block);
      if (weights.every((weight) => weight === 0)) continue;
      const means = await head.shiftedMeans(await this.positions.baseSoftmax(block), values);
      for (const [row, weight] of weights.entries()) {
        if (weight === 0) continue;
        pulls[block.start + row] = weight * head.logitScale * (means[row]! - q[block.labels[row]!]!);
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
