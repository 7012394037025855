/** A language model whose layers run on a server. What it writes is read again, so that both distributions are exact. */
import type { AnswerOptions, AnswerRequest } from '../generate/answers';
import type { DecodeLane, DecodeOptions } from '../generate/decode';
import {
  LanguageModel,
  type PrefillOptions,
  type ReadOne,
  type ReadPrompt,
} from '../generate/language-model';
import type { ModelHead } from '../model/model-head';
import type { ReadTokens } from '../model/prefix-cache';
import type { ServerConcurrency } from '../protocol';
import { answerOnServer } from './answers';
import { Concurrency } from './concurrency';
import { decodeOnServer } from './decode';
import type { InferenceServer } from './inference-server';
import { patiently, retrying } from './retrying';
import type { Served } from './served';
import { Slots } from './slots';

export class ServerModel extends LanguageModel implements Served {
  readonly slots: Slots;
  /** By how many answers at once are allowed: what was found for one evaluation holds for the next. */
  private readonly found = new Map<number, Concurrency>();
  private asking: Concurrency | undefined;

  constructor(
    own: ModelHead,
    readonly server: InferenceServer,
  ) {
    super(own);
    this.slots = new Slots(server.about.slots);
  }

  override get contextLength(): number {
    return Math.min(super.contextLength ?? Number.POSITIVE_INFINITY, this.server.about.contextLength);
  }

  /** All but the last token of an answer are read again. */
  room(tokens: number): number {
    return Math.min(this.contextLength, this.server.about.longestRead + 1) - tokens;
  }

  limitOf(): string {
    const { readLimit, about } = this.server;
    return about.longestRead + 1 < this.contextLength
      ? `${readLimit} holds ${about.longestRead}`
      : `the model's context on the server holds ${this.contextLength}`;
  }

  async batching() {
    return null;
  }

  async prefill(ids: readonly number[], { onProgress, signal }: PrefillOptions): Promise<ReadPrompt> {
    await retrying(() => this.server.checkSame(signal), signal);
    const prompt = await retrying(() => this.read(ids, signal), signal);
    onProgress(ids.length);
    return prompt;
  }

  /** For evaluations, which outlive a server that is started again, with the same model. */
  reader(): ReadOne {
    return (ids, signal) => {
      const ask = async () => {
        await this.server.checkSame(signal);
        return this.read(ids, signal);
      };
      return patiently(ask, signal, this.asking?.heeding());
    };
  }

  /** @param rows of the evaluation that begins */
  concurrencyOf(rows: number): Concurrency {
    const most = Math.min(rows, this.slots.count);
    const concurrency = this.found.get(most) ?? new Concurrency(most);
    this.found.set(most, concurrency);
    this.asking = concurrency;
    concurrency.measureAnew();
    return concurrency;
  }

  override get concurrency(): ServerConcurrency | null {
    return this.asking?.use ?? null;
  }

  decode(prompt: ReadTokens, lanes: readonly DecodeLane[], options: DecodeOptions) {
    return decodeOnServer(this, prompt, lanes, options);
  }

  answers(next: () => Promise<readonly AnswerRequest[] | undefined>, options: AnswerOptions) {
    return answerOnServer(this, next, options);
  }

  /** Prompt and answer are read together, but for the last token, of which nothing follows. */
  async statesOf(
    { ids, hidden }: ReadTokens,
    answer: readonly number[],
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const d = this.head.hiddenSize;
    const read =
      answer.length < 2 ? hidden : await this.server.hidden([...ids, ...answer.slice(0, -1)], signal);
    const first = ids.length - 1;
    return answer.map((_, i) => read.slice((first + i) * d, (first + i + 1) * d));
  }

  override async release(): Promise<void> {
    await this.server.close();
    await super.release();
  }

  private async read(ids: readonly number[], signal: AbortSignal): Promise<ReadPrompt> {
    return { ids, hidden: await this.server.hidden(ids, signal), reused: 0 };
  }
}
