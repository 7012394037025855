/** Reads a prompt once, in chunks, for all lanes that share it; earlier turns are not read again. */
import type { Model } from '../model/model';
import type { Sequence } from '../model/prefix-cache';

/** @param onProgress called after each chunk with the number of tokens known so far */
export async function prefill(
  { backbone, head, prefixes }: Model,
  ids: readonly number[],
  onProgress: (tokens: number) => void,
): Promise<Sequence & { readonly reused: number }> {
  const d = head.hiddenSize;
  const hidden = new Float32Array(ids.length * d);
  const known = backbone.requiresSinglePrefill
    ? undefined
    : prefixes.longest(ids, (length) => backbone.isLong(length) === backbone.isLong(ids.length));
  const reused = known?.ids.length ?? 0;
  if (known) hidden.set(known.hidden);
  let cache = known?.cache ?? backbone.emptyCache(1);
  for (let past = reused; past < ids.length; ) {
    const chunk = ids.slice(past, past + backbone.chunkSize(past));
    const forward = await backbone.forward([chunk], cache, past, ids.length);
    hidden.set(forward.hidden, past * d);
    cache = forward.cache;
    past += chunk.length;
    onProgress(past);
  }
  return { ids, hidden, cache, reused };
}
