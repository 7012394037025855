/** A language model whose layers run here. */
import type { Model } from '../model/model';
import type { ReadTokens } from '../model/prefix-cache';
import { type AnswerOptions, type AnswerRequest, answerAll } from './answers';
import { type DecodeLane, type DecodeOptions, decode } from './decode';
import { LanguageModel, type PrefillOptions, type ReadOne, type ReadPrompt } from './language-model';
import { prefill } from './prefill';
import { prefillAfter, SharedPrefix } from './shared-prefix';

export class LocalModel extends LanguageModel {
  constructor(readonly model: Model) {
    super(model);
  }

  override get originalMaxPositions(): number | undefined {
    return this.model.originalMaxPositions;
  }

  room(tokens: number): number {
    return this.model.room(tokens);
  }

  limitOf(tokens: number): string {
    return this.model.limitOf(tokens);
  }

  batching() {
    return this.model.batching();
  }

  async prefill(ids: readonly number[], { onProgress, signal, isKept }: PrefillOptions): Promise<ReadPrompt> {
    const sequence = await prefill(this.model, ids, (tokens) => {
      onProgress(tokens);
      signal.throwIfAborted();
    });
    if (isKept) this.model.prefixes.add(sequence);
    return sequence;
  }

  reader(first: readonly (readonly number[])[]): ReadOne {
    const prefix = new SharedPrefix(first);
    return (ids, signal) => prefillAfter(this.model, ids, prefix, signal);
  }

  decode(prompt: ReadTokens, lanes: readonly DecodeLane[], options: DecodeOptions) {
    return decode(this.model, prompt, lanes, options);
  }

  answers(next: () => Promise<readonly AnswerRequest[] | undefined>, options: AnswerOptions) {
    return answerAll(this.model, next, options);
  }
}
