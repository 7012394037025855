/** The rows that answers are written in: which of them go through the model together, and one token more for each. */
import type { Batching } from '../model/batching';
import type { KvCache, Side } from '../model/kv-cache';
import type { Model } from '../model/model';
import type { AnswerLane } from './answer-lane';

/** Lanes that have written the same tokens so far, and where their keys and values are. */
export interface Row {
  readonly lanes: readonly AnswerLane[];
  readonly cache: KvCache;
  /** The row of `cache`. */
  readonly at: number;
  /** Tokens that are in the cache, without the last one written. */
  readonly length: number;
}

export interface Stepped {
  readonly rows: readonly Row[];
  /** [rows, d] */
  readonly hidden: Float32Array;
}

export class RowRunner {
  /** Unknown as long as all rows were equally long. */
  private batching: Batching | undefined;

  constructor(private readonly model: Model) {}

  /** Those that can share a batch: a batch each. */
  async batches(rows: readonly Row[]): Promise<Row[][]> {
    const { backbone } = this.model;
    if (backbone.tokensInteract) return rows.map((row) => [row]);
    if (rows.some(({ length }) => length !== rows[0]!.length)) this.batching ??= await this.model.batching();
    const batches = new Map<unknown, Row[]>();
    for (const row of rows) {
      const key = this.key(row);
      batches.set(key, [...(batches.get(key) ?? []), row]);
    }
    return [...batches.values()];
  }

  /** Runs the last token of each row of a batch. */
  async step(rows: readonly Row[]): Promise<Stepped> {
    const { backbone } = this.model;
    const side: Side = this.batching?.rows === 'right' ? 'right' : 'left';
    const lengths = rows.map(({ length }) => length);
    const ids = rows.map(({ lanes }) => lanes[0]!.ids.at(-1)!);
    const isPadded = lengths.some((length) => length !== lengths[0]);
    const padded = isPadded ? { lengths, side } : undefined;
    const { hidden, cache } = await backbone.step(ids, this.together(rows, side), padded);
    return { hidden, rows: rows.map(({ lanes, length }, at) => ({ lanes, cache, at, length: length + 1 })) };
  }

  /** The one cache that they are in already or, where rows have come, gone or split, a new one as long as the longest. */
  private together(rows: readonly Row[], side: Side): KvCache {
    const { cache } = rows[0]!;
    const isKept =
      rows.length === cache.rows &&
      rows.every((row, at) => row.cache === cache && row.at === at) &&
      rows.some(({ length }) => length === cache.columns);
    if (isKept) return cache;
    return this.model.backbone.gather(
      rows.map((row) => ({ cache: row.cache, row: row.at, length: row.length })),
      side,
    );
  }

  private key(row: Row): unknown {
    switch (this.batching?.rows) {
      case 'apart':
        return row;
      case undefined:
      case 'equal':
        return row.length;
      default:
        return this.model.backbone.isLong(row.length);
    }
  }
}
