/** Whether a server runs the model whose head is open here: by its sizes, its tokenizer and its own first distribution. */
import { CHECK_TEXT } from '../generate/check-text';
import type { ModelHead } from '../model/model-head';
import { badInput } from '../protocol';
import type { InferenceServer } from './inference-server';

/**
 * Of a log-probability among the most probable tokens. A head in 4 bits whose inputs are rounded to 8 differs by a tenth
 * from the same weights multiplied exactly; another model by several.
 */
const LARGEST_DIFFERENCE = 1;
const HINT = 'Give the file of the very model that the server runs (--head), in any of its dtypes.';

export interface HeadCheck {
  readonly ids: readonly number[];
  /** [n, d] the server's, of the same text. */
  readonly hidden: Float32Array;
  /** The largest difference of a log-probability. */
  readonly difference: number;
  /** The first id that the server's tokenizer gives otherwise. */
  readonly otherToken: number | null;
}

/** @throws EngineError `server-soft-cap` where what is added there is not what delta does */
export function checkShifts(server: InferenceServer, { folder, head }: ModelHead): void {
  if (head.isAffine || server.adds === 'delta') return;
  const message = `${folder.id} caps its logits: what delta does behind a cap, no bias for a token does`;
  throw badInput('server-soft-cap', message, 'Open the model on this machine.');
}

/** @throws EngineError `server-head` where it does not, the signal's reason */
export async function checkHead(
  server: InferenceServer,
  { folder, head, tokenizer, contextLength }: ModelHead,
  signal: AbortSignal,
): Promise<HeadCheck> {
  const { about } = server;
  const mismatch = (what: string) =>
    badInput('server-head', `the server runs ${about.model}, ${what} of ${folder.id} here`, HINT);
  if (about.hidden !== head.hiddenSize)
    throw mismatch(`whose hidden states have ${about.hidden} numbers, not the ${head.hiddenSize}`);
  if (about.vocab !== head.vocab) throw mismatch(`which knows ${about.vocab} tokens, not the ${head.vocab}`);
  const longest = Math.min(about.longestRead, contextLength ?? Number.POSITIVE_INFINITY);
  const ids = tokenizer
    .encode(CHECK_TEXT, false)
    .filter((id) => id < head.vocab)
    .slice(0, longest - 1);
  const theirs = await server.tokenize(CHECK_TEXT, signal);
  const other = ids.findIndex((id, at) => id !== theirs[at]);
  const hidden = await server.hidden(ids, signal);
  const z = await head.projectApart(hidden.slice(-head.hiddenSize));
  const { logprobs } = await head.distribution(z);
  let difference = 0;
  for (const [id, logprob] of await server.nextTokens(ids, signal))
    difference = Math.max(difference, Math.abs(logprob - (logprobs[id] ?? Number.NaN)));
  if (!(difference <= LARGEST_DIFFERENCE))
    throw mismatch(
      `whose first distribution is another (a log-probability differs by ${difference.toPrecision(2)}): its head is not that`,
    );
  return { ids, hidden, difference, otherToken: other < 0 ? null : ids[other]! };
}
