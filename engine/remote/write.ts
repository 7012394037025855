/** One answer, written on the server under a shift of the logits. */
import { type Shift, shiftsNothing } from '../generate/shift';
import type { GenerationSettings } from '../protocol';
import type { WriteRequest } from './inference-server';
import type { Patience } from './retrying';
import type { Host, Served } from './served';

interface Writing extends Shift {
  /** Prompt and given beginning. */
  readonly ids: readonly number[];
  readonly generation: GenerationSettings;
  /** At most so many tokens. */
  readonly count: number;
  readonly signal: AbortSignal;
  readonly onText?: WriteRequest['onText'];
  readonly patience: Patience;
}

/**
 * Goes on where the server ends an answer at a token that does not end it here, as where end tokens are ignored.
 * @returns the ids, the last of which may be one that ends the answer
 * @throws EngineError, the signal's reason
 */
export async function write(
  { head, tokenizer, stopIds }: Served,
  { server }: Host,
  { ids, delta, b, generation, count, signal, onText, patience }: Writing,
): Promise<number[]> {
  const shift = shiftsNothing(delta) ? undefined : { delta, b: b.map((by) => head.logitScale * by) };
  const ends = generation.ignoreEos ? [] : stopIds;
  const written: number[] = [];
  while (written.length < count) {
    const wanted = count - written.length;
    const request: WriteRequest = {
      ids: [...ids, ...written],
      shift,
      // Another draw than the first part's.
      settings: { ...generation, seed: (generation.seed + written.length) % 2 ** 32 },
      count: wanted,
      signal,
      ...(onText && {
        onText: (text, known) => onText(tokenizer.decode(written) + text, known && [...written, ...known]),
      }),
    };
    const part = await patience(() => server.write(request));
    const end = part.findIndex((id) => ends.includes(id));
    written.push(...part.slice(0, end < 0 ? wanted : end + 1));
    // Nothing more: a text that stops it, or a server that has nothing to say.
    if (end >= 0 || part.length === 0 || generation.stops) break;
  }
  return written;
}
