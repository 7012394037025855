/** What writing answers needs of a model whose layers run on servers. */
import type { LanguageModel } from '../generate/language-model';
import type { Shift } from '../generate/shift';
import type { ReadTokens } from '../model/prefix-cache';
import type { Concurrency } from './concurrency';
import type { InferenceServer } from './inference-server';
import { Slots } from './slots';

/** A server at work. */
export class Host {
  /** Answers that are written at once: as many as it has slots. */
  readonly slots: Slots;

  constructor(readonly server: InferenceServer) {
    this.slots = new Slots(server.about.slots);
  }
}

export interface Served extends Pick<LanguageModel, 'head' | 'tokenizer' | 'stopIds' | 'room'> {
  /** Which of the servers writes an answer. */
  hostOf(shift: Shift): Host;
  /** How many answers an evaluation is to ask for at once. @param rows the most that it allows */
  concurrencyOf(rows: number): Concurrency;
  /** [d] for each token of an answer: the last hidden state that it was chosen from. @param host that wrote it */
  statesOf(
    host: Host,
    prompt: ReadTokens,
    answer: readonly number[],
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]>;
}
