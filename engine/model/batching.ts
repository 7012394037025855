/**
 * How rows of unequal length share a batch. With position ids, padding at the left is right; GroupQueryAttention counts
 * a row's tokens from the left and wants it at the right; both give wrong numbers without a word on the other side. So
 * it is tried.
 */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { EngineError } from '../protocol';
import type { Backbone } from './backbone';
import type { KvCache, Side } from './kv-cache';

export interface Batching {
  /**
   * The side where shorter rows are padded; `equal`: neither is right, so that only rows of one length share a batch;
   * `apart`: rows would influence each other, and are run one at a time.
   */
  readonly rows: Side | 'equal' | 'apart';
  /** Whether every logit was the same, to the bit, as that of the row alone. */
  readonly exact: boolean;
  /** In logits, from the row alone. */
  readonly largestDifference: number;
}

/** Of the range of the logits: padding that is right differs by a thousandth in float16, wrong padding by a twentieth. */
const TOLERANCE = 0.01;
const UNEQUAL = [20, 3, 11, 16];
const EQUAL = [11, 11, 11, 11];
/** Tokens that are written after each prompt. */
const STEPS = 2;

/** @param text ids of some text, of any length but 0 */
export async function testBatching(
  backbone: Backbone,
  head: HeadRuntime,
  text: readonly number[],
): Promise<Batching> {
  if (backbone.tokensInteract) return { rows: 'apart', exact: true, largestDifference: 0 };
  const unequal = await Trial.of(backbone, head, text, UNEQUAL);
  for (const rows of ['left', 'right'] as const) {
    const difference = await unequal.difference(rows);
    if (difference <= TOLERANCE * unequal.range) return result(rows, difference);
  }
  const equal = await Trial.of(backbone, head, text, EQUAL);
  const difference = await equal.difference('left');
  if (difference <= TOLERANCE * equal.range) return result('equal', difference);
  return { rows: 'apart', exact: true, largestDifference: 0 };
}

function result(rows: Batching['rows'], largestDifference: number): Batching {
  return { rows, exact: largestDifference === 0, largestDifference };
}

interface Row {
  readonly cache: KvCache;
  readonly length: number;
  /** What is written after the prompt. */
  readonly ids: readonly number[];
  /** [V] z after each of them, alone. */
  readonly z: readonly Float32Array[];
}

/** Prompts that were read and went on alone, to compare batches of them with. */
class Trial {
  private constructor(
    private readonly backbone: Backbone,
    private readonly head: HeadRuntime,
    private readonly rows: readonly Row[],
  ) {}

  static async of(
    backbone: Backbone,
    head: HeadRuntime,
    text: readonly number[],
    lengths: readonly number[],
  ): Promise<Trial> {
    const rows: Row[] = [];
    for (const [at, length] of lengths.entries()) {
      // Rows that begin differently, whose difference is seen if one reads another's cache.
      const ids = Array.from({ length: length + STEPS }, (_, i) => text[(5 * at + i) % text.length]!);
      const prompt = await backbone.forward([ids.slice(0, length)], backbone.emptyCache(1), 0);
      const z: Float32Array[] = [];
      let { cache } = prompt;
      for (const id of ids.slice(length)) {
        const forward = await backbone.step([id], cache);
        cache = forward.cache;
        z.push(await head.projectDecoded(forward.hidden));
      }
      rows.push({ cache: prompt.cache, length, ids: ids.slice(length), z });
    }
    return new Trial(backbone, head, rows);
  }

  /** Of all logits, up to cap and bias. */
  get range(): number {
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const logits of this.rows.flatMap(({ z }) => z)) {
      for (const logit of logits) {
        lowest = Math.min(lowest, logit);
        highest = Math.max(highest, logit);
      }
    }
    return Math.abs(this.head.logitScale) * (highest - lowest);
  }

  /** The largest of a logit in a batch from the same alone: NaN where one is, Infinity where the batch cannot be run. */
  async difference(side: Side): Promise<number> {
    try {
      return Math.abs(this.head.logitScale) * (await this.largest(side));
    } catch (error) {
      if (error instanceof EngineError) return Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  private async largest(side: Side): Promise<number> {
    const { backbone, head, rows } = this;
    let cache = backbone.gather(
      rows.map((row) => ({ cache: row.cache, row: 0, length: row.length })),
      side,
    );
    let largest = 0;
    for (let step = 0; step < STEPS; step++) {
      const lengths = rows.map(({ length }) => length + step);
      const ids = rows.map((row) => row.ids[step]!);
      const forward = await backbone.step(ids, cache, { lengths, side });
      cache = forward.cache;
      const z = await head.projectDecoded(forward.hidden);
      for (const [at, row] of rows.entries()) {
        for (const [id, alone] of row.z[step]!.entries())
          largest = Math.max(largest, Math.abs(z[at * head.vocab + id]! - alone));
      }
    }
    return largest;
  }
}
