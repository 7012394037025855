/** A prompt's positions in blocks: their logits, or the probabilities without delta, worked out once for all lanes. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import type { BaseSoftmax, NarrowSoftmax } from '../onnx/runtime/prompt-softmax';

export interface MemoryBudget {
  /** Positions are worked on in blocks of at most this many bytes of z, and of at most 64 positions. */
  readonly blockBytes: number;
  /**
   * Blocks are kept up to this many bytes in all; the rest is computed anew for each evaluation. Where they do not all fit
   * in float32, probabilities are kept in half the bytes.
   */
  readonly keptBytes: number;
}

export const DEFAULT_BUDGET: MemoryBudget = { blockBytes: 256 * 2 ** 20, keptBytes: 1.25 * 2 ** 30 };

/** Enough for an efficient matrix product; small enough that a cancel is seen soon and buffers stay in the cache. */
const MAX_ROWS = 64;

/** A target that does not count, as in PyTorch. */
export const IGNORED = -100;

/** A run of positions; what is kept of it is either z or its probabilities. */
export interface Block {
  readonly start: number;
  /** Of ignored targets some token of the vocabulary. */
  readonly labels: readonly number[];
  z?: Float32Array | undefined;
  baseSoftmax?: BaseSoftmax | NarrowSoftmax | undefined;
}

export class PromptPositions {
  readonly blocks: Block[] = [];
  private readonly keptRows: number;
  private readonly isNarrow: boolean;

  /** As `PromptObjective`'s. */
  constructor(
    readonly head: HeadRuntime,
    private readonly hidden: Float32Array,
    readonly targets: readonly number[],
    private readonly onProgress: (positions: number) => void,
    budget: MemoryBudget,
  ) {
    const rowBytes = 4 * head.vocab;
    const rows = Math.min(Math.max(1, Math.floor(budget.blockBytes / rowBytes)), MAX_ROWS);
    for (let start = 0; start < targets.length; start += rows) {
      const own = targets.slice(start, start + rows);
      this.blocks.push({ start, labels: own.map((target) => (target === IGNORED ? 0 : target)) });
    }
    this.isNarrow = head.isAffine && targets.length * rowBytes > budget.keptBytes;
    // Each block of narrow ones has a scale for each token.
    const keptRowBytes = this.isNarrow ? rowBytes / 2 + rowBytes / rows : rowBytes;
    this.keptRows = Math.floor(budget.keptBytes / keptRowBytes);
  }

  async baseSoftmax(block: Block): Promise<BaseSoftmax | NarrowSoftmax> {
    if (block.baseSoftmax) return block.baseSoftmax;
    const wide = await this.head.baseSoftmax(this.rows(block), block.labels);
    this.onProgress(block.start + block.labels.length);
    if (!this.keeps(block)) return wide;
    block.baseSoftmax = this.isNarrow ? await this.head.narrowed(wide) : wide;
    return block.baseSoftmax;
  }

  /** [m, V] */
  async z(block: Block): Promise<Float32Array> {
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
