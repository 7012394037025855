/** What writing answers needs of a model whose layers run on a server. */
import type { LanguageModel } from '../generate/language-model';
import type { ReadTokens } from '../model/prefix-cache';
import type { Concurrency } from './concurrency';
import type { InferenceServer } from './inference-server';
import type { Slots } from './slots';

export interface Served extends Pick<LanguageModel, 'head' | 'tokenizer' | 'stopIds' | 'room'> {
  readonly server: InferenceServer;
  /** Answers that are written at once: as many as the server has slots. */
  readonly slots: Slots;
  /** How many of these an evaluation is to ask for. @param rows the most that it allows */
  concurrencyOf(rows: number): Concurrency;
  /** [d] for each token of an answer: the last hidden state that it was chosen from. */
  statesOf(
    prompt: ReadTokens,
    answer: readonly number[],
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]>;
}
