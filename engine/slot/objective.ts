/**
 * The prompt's own cross-entropy as a function of delta, at the cost of two reads of z = W·H.
 *
 * delta is the same at all positions, so W·(h + delta) = z + b with b = W·delta, and the gradient is
 * Wᵀ·r with r the average over positions of (softmax - onehot)·tail′: averaged first, multiplied once.
 */
import type { Exponentials, HeadRuntime } from '../onnx/head-runtime';

export interface MemoryBudget {
  /** Positions are worked on in blocks of at most this many bytes of z. */
  readonly blockBytes: number;
  /** Blocks of z are kept up to this many bytes in all; the rest is computed anew for each evaluation. */
  readonly keptBytes: number;
}

const DEFAULT_BUDGET: MemoryBudget = { blockBytes: 256 * 2 ** 20, keptBytes: 2 ** 30 };

/** Rows of one matrix product: a cancel is seen in between. */
const PROJECTED_ROWS = 64;

/** As in PyTorch: a target to leave out. */
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
 * Up to this spread of the shift over the vocabulary, exponentials of the unshifted logits serve: what
 * float32 drops below exp(-86) then has a share below V·exp(50 - 86), less than float32 rounding.
 */
const WIDEST_SHIFT = 50;

/** A run of positions; what is kept of it is either z or its exponentials. */
interface Block {
  readonly start: number;
  readonly labels: readonly number[];
  /** 1 / targets, 0 where ignored. */
  readonly weights: readonly number[];
  z?: Float32Array | undefined;
  exponentials?: Exponentials | undefined;
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
    const rows = Math.max(1, Math.floor(budget.blockBytes / rowBytes));
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
    const shift = b.map((value) => value * this.head.logitScale);
    const cheap = this.head.isAffine && spread(shift) <= WIDEST_SHIFT;
    let meanP: Float32Array | undefined;
    let residual: Float32Array | undefined;
    let sum = 0;
    for (const block of this.blocks) {
      const { start, labels, weights } = block;
      const part = cheap
        ? await this.head.shiftedObjective(await this.exponentials(block), shift, labels, weights)
        : await this.head.objective(await this.z(block), b, labels, weights);
      weights.forEach((weight, i) => {
        if (weight === 0) return;
        positionLoss[start + i] = part.nll[i]!;
        sum += part.nll[i]!;
      });
      meanP = meanP ? add(meanP, part.meanP) : part.meanP;
      residual = residual ? add(residual, part.residual) : part.residual;
    }
    return { loss: sum / this.counted, positionLoss, meanP: meanP!, residual: residual! };
  }

  private async exponentials(block: Block): Promise<Exponentials> {
    if (block.exponentials) return block.exponentials;
    const exponentials = await this.head.exponentials(await this.z(block), block.labels);
    if (this.keeps(block)) {
      block.exponentials = exponentials;
      block.z = undefined;
    }
    return exponentials;
  }

  private async z(block: Block): Promise<Float32Array> {
    if (block.z) return block.z;
    const { hiddenSize: d, vocab } = this.head;
    const end = block.start + block.labels.length;
    const z = new Float32Array(block.labels.length * vocab);
    for (let row = block.start; row < end; row += PROJECTED_ROWS) {
      const next = Math.min(row + PROJECTED_ROWS, end);
      z.set(await this.head.project(this.hidden.subarray(row * d, next * d)), (row - block.start) * vocab);
      this.onProgress(next);
    }
    if (this.keeps(block) && !block.exponentials) block.z = z;
    return z;
  }

  private keeps({ start, labels }: Block): boolean {
    return start + labels.length <= this.keptRows;
  }
}

/** NaN where a value is not finite, so that no comparison holds. */
function spread(values: Float32Array): number {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) return Number.NaN;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return high - low;
}

function add(into: Float32Array, other: Float32Array): Float32Array {
  for (let i = 0; i < into.length; i++) into[i]! += other[i]!;
  return into;
}
