/** A short text that is run to compare one way of computing a model with another. */
import type { Model } from '../model/model';

/** Some sixty tokens of everyday prose, a name and numbers. */
export const CHECK_TEXT =
  'On Monday morning the harbour was still asleep. A boat with 12 crates of oranges lay at the quay, and Captain ' +
  'Lindqvist counted them twice before she signed the paper. "Eleven," said the clerk, "and one that somebody has ' +
  'opened." She laughed, took a knife from her pocket and cut the missing orange into six equal parts.';

/** [n, d], its last hidden states. */
export async function checkStates({
  tokenizer,
  backbone,
  head,
  contextLength,
}: Model): Promise<Float32Array> {
  // One more id, in case no token of the text has a row in the head.
  const text = [...tokenizer.encode(CHECK_TEXT, true).filter((id) => id < head.vocab), 0];
  const ids = text.slice(0, contextLength);
  const { hidden } = await backbone.forward([ids], backbone.emptyCache(1), 0);
  return hidden;
}
