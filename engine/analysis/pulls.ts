/** What pulls at delta: the largest entries of the loss's derivative by the logits. */
import type { SlotStep } from '../protocol';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { largest, smallest } from './select';

/**
 * @param residual [V] mean(softmax - onehot)·tail′: below 0 where a token's logit is wanted higher
 */
export function summarisePulls(
  residual: Float32Array,
  tokenizer: Tokenizer,
  listLength: number,
): NonNullable<SlotStep['pulls']> {
  const entry = (id: number) => ({ id, token: tokenizer.text(id), residual: residual[id]! });
  return {
    up: smallest(residual, listLength)
      .map(entry)
      .filter((pull) => pull.residual < 0),
    down: largest(residual, listLength)
      .map(entry)
      .filter((pull) => pull.residual > 0),
  };
}
