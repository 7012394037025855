/**
 * The prompt's own cross-entropy as a function of delta, at the cost of two reads of z = W·H.
 *
 * delta is the same at all positions, so W·(h + delta) = z + b with b = W·delta, and the gradient is
 * Wᵀ·r with r the average over positions of (softmax - onehot)·tail′: averaged first, multiplied once.
 */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import type { BaseSoftmax } from '../onnx/runtime/projection-session';

interface MemoryBudget {
  /** Positions are worked on in blocks of at most this many bytes of z, and of at most 64 positions. */
  readonly blockBytes: number;
  /** Blocks are kept up to this many bytes in all; the rest is computed anew for each evaluation. */
  readonly keptBytes: number;
}

const DEFAULT_BUDGET: MemoryBudget = { blockBytes: 256 * 2 ** 20, keptBytes: 2 ** 30 };

/** Enough for an efficient matrix product; small enough that a cancel is seen soon and buffers stay in the cache. */
const MAX_ROWS = 64;

/** A target that does not count, as in PyTorch. */
export const IGNORED = -100;

export interface Evaluation {
  /** Mean cross-entropy over the targets, nats; summed in float64. */
  readonly loss: number;
  /** [targets] cross-entropy of each target; NaN where ignored. */
  readonly positionLoss: Float64Array;
  /** [V] softmax averaged over the targets' positions. */
  readonly meanP: Float32Array;
  /** [V] the loss's derivative by z, summed over positions. */
  readonly residual: Float32Array;
}

/**
 * Up to this spread of the shift over the vocabulary, probabilities without delta serve: what float32 drops below
 * exp(-87) then has a share below V·exp(50 - 87), less than float32 rounding.
 */
const MAX_SHIFT_WIDTH = 50;

/** A run of positions; what is kept of it is either z or its probabilities. */
interface Block {
  readonly start: number;
  readonly labels: readonly number[];
  /** 1 / targets, 0 where ignored. */
  readonly weights: readonly number[];
  z?: Float32Array | undefined;
  baseSoftmax?: BaseSoftmax | undefined;
}

export class PromptObjective {
  private readonly blocks: Block[] = [];
  private readonly counted: number;
  private initial: Promise<Evaluation> | undefined;

  /**
   * @param hidden [n, d] last hidden states; row i predicts targets[i], later rows are not used
   * @param targets the token that follows each position, or IGNORED
   * @param onProgress called as logits are computed, with the positions done in this pass; may throw to stop
   */
  constructor(
    private readonly head: HeadRuntime,
    private readonly hidden: Float32Array,
    private readonly targets: readonly number[],
    private readonly onProgress: (positions: number) => void = () => {},
    budget: MemoryBudget = DEFAULT_BUDGET,
  ) {
    this.counted = targets.filter((target) => target !== IGNORED).length;
    const rowBytes = 4 * head.vocab;
    const rows = Math.min(Math.max(1, Math.floor(budget.blockBytes / rowBytes)), MAX_ROWS);
    for (let start = 0; start < targets.length; start += rows) {
      const own = targets.slice(start, start + rows);
      this.blocks.push({
        start,
        labels: own.map((target) => (target === IGNORED ? 0 : target)),
        weights: own.map((target) => (target === IGNORED ? 0 : 1 / this.counted)),
      });
    }
    this.keptRows = Math.floor(budget.keptBytes / rowBytes);
  }

  private readonly keptRows: number;

  get targetCount(): number {
    return this.counted;
  }

  /** The evaluation without delta; computed once for all lanes. */
  atZero(): Promise<Evaluation> {
    this.initial ??= this.evaluate(new Float32Array(this.head.vocab));
    return this.initial;
  }

  /** @param b [V] W·delta */
  async evaluate(b: Float32Array): Promise<Evaluation> {
    const positionLoss = new Float64Array(this.targets.length).fill(Number.NaN);
    const { shift, lowest, highest } = scaled(b, this.head.logitScale);
    const cheap = this.head.isAffine && highest - lowest <= MAX_SHIFT_WIDTH;
    const meanP = new Float32Array(this.head.vocab);
    const residual = new Float32Array(this.head.vocab);
    let sum = 0;
    for (const block of this.blocks) {
      const { start, labels, weights } = block;
      const part = cheap
        ? await this.head.shiftedObjective(await this.baseSoftmax(block), shift, highest, labels, weights)
        : await this.head.objective(await this.z(block), b, labels, weights);
      weights.forEach((weight, i) => {
        if (weight === 0) return;
        positionLoss[start + i] = part.nll[i]!;
        sum += part.nll[i]!;
      });
      add(meanP, part.meanP);
      if (part.residual) add(residual, part.residual);
    }
    if (this.head.isAffine) this.affineResidual(meanP, residual);
    return { loss: sum / this.counted, positionLoss, meanP, residual };
  }

  /** With one slope for all tokens, r = slope·(mean softmax - mean onehot). */
  private affineResidual(meanP: Float32Array, residual: Float32Array): void {
    const { logitScale } = this.head;
    for (let id = 0; id < meanP.length; id++) residual[id] = logitScale * meanP[id]!;
    for (const { labels, weights } of this.blocks) {
      labels.forEach((label, i) => {
        residual[label]! -= logitScale * weights[i]!;
      });
    }
  }

  private async baseSoftmax(block: Block): Promise<BaseSoftmax> {
    if (block.baseSoftmax) return block.baseSoftmax;
    const baseSoftmax = await this.head.baseSoftmax(this.rows(block), block.labels);
    this.onProgress(block.start + block.labels.length);
    if (this.keeps(block)) block.baseSoftmax = baseSoftmax;
    return baseSoftmax;
  }

  private async z(block: Block): Promise<Float32Array> {
    if (block.z) return block.z;
    const z = await this.head.project(this.rows(block));
    this.onProgress(block.start + block.labels.length);
    // An affine head's blocks have their probabilities to keep.
    if (this.keeps(block) && !this.head.isAffine) block.z = z;
    return z;
  }

  /** [m, d] */
  private rows({ start, labels }: Block): Float32Array {
    const d = this.head.hiddenSize;
    return this.hidden.subarray(start * d, (start + labels.length) * d);
  }

  private keeps({ start, labels }: Block): boolean {
    return start + labels.length <= this.keptRows;
  }
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

function add(into: Float32Array, other: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! += other[i]!;
}
