/** What one step of SLOT did to the vocabulary: the lists and group means of a `slot.step` event. */

import type { SlotStep, TokenShift } from '../protocol';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { ResolvedGroup } from './groups';
import { largest, smallest } from './select';

type Summary = Pick<SlotStep, 'boosted' | 'suppressed' | 'gained' | 'lost' | 'shiftMean' | 'groups'>;

/**
 * @param shift [V] logit shift, raw
 * @param meanP [V] adapted probabilities, mean over the prompt's positions
 * @param baseMeanP [V] the same without delta
 */
export function summariseShift(
  shift: Float32Array,
  meanP: Float32Array,
  baseMeanP: Float32Array,
  {
    tokenizer,
    groups,
    listLength,
  }: { tokenizer: Tokenizer; groups: readonly ResolvedGroup[]; listLength: number },
): Summary {
  const moved = difference(meanP, baseMeanP);
  const entry = (id: number): TokenShift => ({
    id,
    token: tokenizer.text(id),
    shift: shift[id]!,
    massMoved: moved[id]!,
  });
  return {
    boosted: largest(shift, listLength).map(entry),
    suppressed: smallest(shift, listLength).map(entry),
    gained: largest(moved, listLength).map(entry),
    lost: smallest(moved, listLength).map(entry),
    shiftMean: dot(meanP, shift),
    groups: groups
      .filter(({ ids }) => ids.length > 0)
      .map(({ name, ids }) => ({
        name,
        meanShift: sum(ids, shift) / ids.length,
        massMoved: sum(ids, moved),
      })),
  };
}

/** A plain loop: `map` takes ten times as long over a vocabulary. */
function difference(a: Float32Array, b: Float32Array): Float32Array {
  const result = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) result[i] = a[i]! - b[i]!;
  return result;
}

function sum(ids: readonly number[], values: Float32Array): number {
  return ids.reduce((total, id) => total + values[id]!, 0);
}

function dot(a: Float32Array, b: Float32Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}
