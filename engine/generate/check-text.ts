/** A short text that is run to compare one way of computing a model with another. */
import type { Layers } from '../model/model';

/** Some sixty tokens of everyday prose, a name and numbers. */
export const CHECK_TEXT =
  'On Monday morning the harbour was still asleep. A boat with 12 crates of oranges lay at the quay, and Captain ' +
  'Lindqvist counted them twice before she signed the paper. "Eleven," said the clerk, "and one that somebody has ' +
  'opened." She laughed, took a knife from her pocket and cut the missing orange into six equal parts.';

/** In ids: tokenizers that know few words spell it in five times as many. */
const MOST = 128;

/** [n, d], its last hidden states. */
export async function checkStates({
  tokenizer,
  backbone,
  headInfo: { vocab },
  contextLength,
}: Layers): Promise<Float32Array> {
  const known = tokenizer.encode(CHECK_TEXT, true).filter((id) => id < vocab);
  // One more id, in case no token of the text has a row in the head.
  const ids = [...known.slice(0, MOST - 1), 0].slice(0, contextLength);
  const { hidden } = await backbone.forward([ids], backbone.emptyCache(1), 0);
  return hidden;
}
