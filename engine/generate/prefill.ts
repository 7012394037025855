/** Reads a prompt once, in chunks, for all lanes that share it; earlier turns are not read again. */
import type { Model } from '../model/model';
import type { Sequence } from '../model/prefix-cache';

/** Small enough that a cancel is seen soon, large enough that matrix products stay efficient. */
const CHUNK = 128;
/** Where tokens of a call influence each other, a prompt of up to this length is run in one piece. */
const LARGE_CHUNK = 2048;

/** @param onProgress called after each chunk with the number of tokens known so far */
export async function prefill(
  { backbone, head, prefixes }: Model,
  ids: readonly number[],
  onProgress: (tokens: number) => void,
): Promise<Sequence & { readonly reused: number }> {
  const d = head.hiddenSize;
  const hidden = new Float32Array(ids.length * d);
  // What was run together with other tokens is not what this prompt alone would give.
  const known = backbone.tokensInteract ? undefined : prefixes.longest(ids);
  const most = backbone.tokensInteract ? LARGE_CHUNK : CHUNK;
  const reused = known?.ids.length ?? 0;
  if (known) hidden.set(known.hidden);
  let cache = known?.cache ?? backbone.emptyCache(1);
  for (let past = reused; past < ids.length; past += most) {
    const chunk = ids.slice(past, past + most);
    const forward = await backbone.forward([chunk], cache, past);
    hidden.set(forward.hidden, past * d);
    cache = forward.cache;
    onProgress(past + chunk.length);
  }
  return { ids, hidden, cache, reused };
}
