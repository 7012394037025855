/** Whether an answer ends with the token that it has just got, and why. */
import type { GenerationSettings } from '../protocol';

interface Written {
  readonly ids: readonly number[];
  /** Ids that it begins with, which end nothing. */
  readonly forcedPrefix: readonly number[];
  /** Whether the last token completed one of the generation's stop texts. */
  readonly isCut: boolean;
}

/** @param maxNewTokens as many as are asked for and as the context has room for @returns undefined where it goes on */
export function answerEnd(
  { ids, forcedPrefix, isCut }: Written,
  stopIds: readonly number[],
  { ignoreEos, maxNewTokens }: Pick<GenerationSettings, 'ignoreEos' | 'maxNewTokens'>,
): 'eos' | 'stop' | 'length' | undefined {
  if (ids.length < forcedPrefix.length) return undefined;
  if (!ignoreEos && stopIds.includes(ids.at(-1)!)) return 'eos';
  if (isCut && ids.length > forcedPrefix.length) return 'stop';
  return ids.length >= maxNewTokens ? 'length' : undefined;
}
