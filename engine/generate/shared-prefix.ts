/**
 * What all prompts of a job begin with is read once. It is kept in whole chunks, as a prompt that is read alone is cut:
 * so every prompt gets the same numbers, bit for bit, as without it.
 */

import type { Model } from '../model/model';
import type { Sequence } from '../model/prefix-cache';
import { prefillFrom } from './prefill';

export class SharedPrefix {
  private known: Sequence | undefined;

  /** @param ids of the first prompts of a job */
  constructor(prompts: readonly (readonly number[])[]) {
    const [first = [], ...rest] = prompts;
    let length = prompts.length > 1 ? first.length : 0;
    for (const other of rest) {
      let same = 0;
      while (same < length && first[same] === other[same]) same++;
      length = same;
    }
    this.ids = first.slice(0, length);
  }

  private readonly ids: readonly number[];

  /** The longest whole-chunk beginning that `ids` has in common with it; undefined where that is nothing. */
  async of(model: Model, ids: readonly number[], signal: AbortSignal): Promise<Sequence | undefined> {
    const { backbone } = model;
    if (backbone.requiresSinglePrefill) return undefined;
    const chunk = backbone.chunkSize(0);
    const length = Math.floor(this.ids.length / chunk) * chunk;
    // A token must be left to run, and longrope turns with the length of the whole prompt.
    const fits = length > 0 && ids.length > length && !backbone.hasLongRope;
    if (!fits || this.ids.slice(0, length).some((id, i) => id !== ids[i])) return undefined;
    this.known ??= await prefillFrom(model, this.ids.slice(0, length), undefined, () =>
      signal.throwIfAborted(),
    );
    return this.known;
  }
}

export async function prefillAfter(
  model: Model,
  ids: readonly number[],
  prefix: SharedPrefix,
  signal: AbortSignal,
): Promise<Sequence> {
  const known = await prefix.of(model, ids, signal);
  return prefillFrom(model, ids, known, () => signal.throwIfAborted());
}
