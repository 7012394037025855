/** Reads a prompt once, in chunks, for all lanes that share it; earlier turns are not read again. */
import type { Model } from '../model/model';
import type { Sequence } from '../model/prefix-cache';

type Prefilled = Sequence & { readonly reused: number };

/** @param onProgress called after each chunk with the number of tokens known so far; may throw to stop */
export function prefill(
  model: Model,
  ids: readonly number[],
  onProgress: (tokens: number) => void,
): Promise<Prefilled> {
  const { backbone, prefixes } = model;
  const known = backbone.requiresSinglePrefill
    ? undefined
    : prefixes.longest(ids, (length) => backbone.isLong(length) === backbone.isLong(ids.length));
  return prefillFrom(model, ids, known, onProgress);
}

/** @param known a beginning of `ids` that has been read, shorter than they are */
export async function prefillFrom(
  { backbone, head }: Model,
  ids: readonly number[],
  known: Sequence | undefined,
  onProgress: (tokens: number) => void,
): Promise<Prefilled> {
  const d = head.hiddenSize;
  const hidden = new Float32Array(ids.length * d);
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
