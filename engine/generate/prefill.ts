/** Reads the prompt once, in chunks, for all lanes. */
import type { Backbone } from '../model/backbone';
import type { KvCache } from '../model/kv-cache';

/** Small enough that a cancel is seen soon, large enough that matrix products stay efficient. */
const CHUNK = 128;

export interface Prefill {
  /** [n, d] last hidden states of every prompt token. */
  readonly hidden: Float32Array;
  /** One row. */
  readonly cache: KvCache;
}

export async function prefill(
  backbone: Backbone,
  ids: readonly number[],
  hiddenSize: number,
  onProgress: (tokens: number) => void,
): Promise<Prefill> {
  const hidden = new Float32Array(ids.length * hiddenSize);
  let cache = backbone.emptyCache(1);
  for (let past = 0; past < ids.length; past += CHUNK) {
    const chunk = ids.slice(past, past + CHUNK);
    const forward = await backbone.forward([chunk], cache, past);
    hidden.set(forward.hidden, past * hiddenSize);
    cache = forward.cache;
    onProgress(past + chunk.length);
  }
  return { hidden, cache };
}
