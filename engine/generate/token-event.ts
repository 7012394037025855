/** What is told of a token: both distributions where it was chosen. */
import { largestOfEither, rankAmong } from '../analysis/select';
import type { GenerationSettings, TokenEvent } from '../protocol';
import type { TextStream, Tokenizer } from '../tokenizer/tokenizer';
import type { Listed } from './next-token';
import { drawnLogprob } from './sampling';

interface WrittenLane {
  readonly name: string;
  readonly forcedPrefix: readonly number[];
  /** Of the tokens before; is given this one. */
  readonly text: TextStream;
}

interface TokenOptions {
  readonly generation: GenerationSettings;
  readonly listLength: number;
  /** Whether tokens say how probable a draw of them was. */
  readonly tellsDrawn?: boolean;
}

export function tokenEvent(
  lane: WrittenLane,
  index: number,
  id: number,
  both: Listed,
  tokenizer: Tokenizer,
  { listLength, generation, tellsDrawn }: TokenOptions,
): TokenEvent {
  const { logprobs, baseLogprobs, entropy, baseEntropy, kl } = both;
  const top = largestOfEither(logprobs, baseLogprobs, both.top, both.baseTop, listLength);
  top.sort((a, b) => logprobs[b]! - logprobs[a]!);
  const text = lane.text.push(id);
  const token = tokenizer.text(id);
  const isForced = index < lane.forcedPrefix.length;
  const drawn = tellsDrawn && !isForced ? drawnLogprob(logprobs, generation, id) : undefined;
  return {
    type: 'token',
    lane: lane.name,
    index,
    id,
    text,
    ...(token === text ? {} : { token }),
    logprob: logprobs[id]!,
    baseLogprob: baseLogprobs[id]!,
    rank: rankAmong(logprobs, id, both.top),
    baseRank: rankAmong(baseLogprobs, id, both.baseTop),
    entropy,
    baseEntropy,
    kl,
    ...(drawn === undefined ? {} : { drawnLogprob: drawn }),
    ...(isForced ? { forced: true } : {}),
    top: top.map((i) => ({
      id: i,
      token: tokenizer.text(i),
      logprob: logprobs[i]!,
      baseLogprob: baseLogprobs[i]!,
    })),
  };
}
