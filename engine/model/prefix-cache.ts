/** What earlier turns have computed: hidden states and key-values of token sequences, by their longest prefix. */
import { KvCache } from './kv-cache';

/** Tokens that a model has read. */
export interface ReadTokens {
  readonly ids: readonly number[];
  /** [ids.length, d] last hidden states; they do not depend on delta. */
  readonly hidden: Float32Array;
}

/** Read by the model that is open here. */
export interface Sequence extends ReadTokens {
  /** One row of ids.length tokens. */
  readonly cache: KvCache;
}

/** Of tokens that were read here. */
export function cacheOf(read: ReadTokens): KvCache {
  if ('cache' in read && read.cache instanceof KvCache) return read.cache;
  throw new Error('these tokens were read by another model');
}

const MAX_SEQUENCES = 8;
const MAX_BYTES = 512 * 2 ** 20;

export class PrefixCache {
  /** Most recently used last. */
  private sequences: Sequence[] = [];

  constructor(private readonly hiddenSize: number) {}

  /**
   * The longest known prefix of `ids` that leaves at least one token to run; undefined when there is none.
   * @param fits whether a cached sequence of this length was computed the way `ids` would be (longrope's angles)
   */
  longest(ids: readonly number[], fits: (length: number) => boolean): Sequence | undefined {
    let best: Sequence | undefined;
    let shared = 0;
    for (const sequence of this.sequences) {
      if (!fits(sequence.ids.length)) continue;
      const length = Math.min(commonPrefix(sequence.ids, ids), ids.length - 1);
      if (length > shared) [best, shared] = [sequence, length];
    }
    if (!best) return undefined;
    this.sequences = [...this.sequences.filter((sequence) => sequence !== best), best];
    return {
      ids: ids.slice(0, shared),
      hidden: best.hidden.subarray(0, shared * this.hiddenSize),
      cache: best.cache.truncate(shared),
    };
  }

  add(sequence: Sequence): void {
    const extended = this.sequences.filter(({ ids }) => commonPrefix(ids, sequence.ids) < ids.length);
    this.sequences = [...extended, sequence];
    const size = ({ hidden, cache }: Sequence) => hidden.byteLength + cache.byteLength;
    const total = () => this.sequences.reduce((sum, kept) => sum + size(kept), 0);
    while (this.sequences.length > MAX_SEQUENCES || total() > MAX_BYTES) {
      this.sequences.shift();
    }
  }
}

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const apart = a.findIndex((id, at) => id !== b[at]);
  return apart < 0 ? a.length : apart;
}
