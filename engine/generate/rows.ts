/** The rows that answers are written in: which of them go through the model together, and one token more for each. */
import type { Batching } from '../model/batching';
import type { KvCache, Side } from '../model/kv-cache';
import type { Model } from '../model/model';

interface Lane {
  /** Written so far. */
  readonly ids: readonly number[];
}

/** Lanes that have written the same tokens so far, and where their keys and values are. */
export interface Row<L extends Lane> {
  readonly lanes: readonly L[];
  readonly cache: KvCache;
  /** The row of `cache`. */
  readonly at: number;
  /** Tokens that are in the cache, without the last one written. */
  readonly length: number;
}

export interface Stepped<L extends Lane> {
  readonly rows: readonly Row<L>[];
  /** [rows, d] */
  readonly hidden: Float32Array;
}

export class RowRunner {
  /** Unknown as long as all rows were equally long. */
  private batching: Batching | undefined;

  constructor(private readonly model: Model) {}

  /** Those that can share a batch: a batch each. */
  async batches<L extends Lane>(rows: readonly Row<L>[]): Promise<Row<L>[][]> {
    if (rows.some(({ length }) => length !== rows[0]!.length)) this.batching ??= await this.model.batching();
    const batches = new Map<unknown, Row<L>[]>();
    for (const row of rows) {
      const key = this.key(row);
      batches.set(key, [...(batches.get(key) ?? []), row]);
    }
    return [...batches.values()];
  }

  /** Runs the last token of each row of a batch. */
  async step<L extends Lane>(rows: readonly Row<L>[]): Promise<Stepped<L>> {
    const { tokensInteract, twoRowsApart } = this.model.backbone;
    const areApart = rows.length > 1 && (tokensInteract || (twoRowsApart && rows.length === 2));
    if (!areApart) return this.stepTogether(rows);
    const d = this.model.head.hiddenSize;
    const hidden = new Float32Array(rows.length * d);
    const stepped: Row<L>[] = [];
    for (const [at, row] of rows.entries()) {
      const alone = await this.stepTogether([row]);
      hidden.set(alone.hidden, at * d);
      stepped.push(...alone.rows);
    }
    return { hidden, rows: stepped };
  }

  private async stepTogether<L extends Lane>(rows: readonly Row<L>[]): Promise<Stepped<L>> {
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
  private together(rows: readonly Row<Lane>[], side: Side): KvCache {
    const { cache } = rows[0]!;
    const isKept =
      rows.length === cache.rows && rows.every((row, at) => row.cache === cache && row.at === at);
    if (isKept) return cache;
    return this.model.backbone.gather(
      rows.map((row) => ({ cache: row.cache, row: row.at, length: row.length })),
      side,
    );
  }

  private key(row: Row<Lane>): unknown {
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
