/** A language model whose layers run on a server. What it writes is read again, so that both distributions are exact. */
import type { AnswerOptions, AnswerRequest } from '../generate/answers';
import type { DecodeLane, DecodeOptions } from '../generate/decode';
import {
  LanguageModel,
  type PrefillOptions,
  type ReadOne,
  type ReadPrompt,
} from '../generate/language-model';
import { type Shift, shiftsNothing } from '../generate/shift';
import type { ModelHead } from '../model/model-head';
import type { ReadTokens } from '../model/prefix-cache';
import type { ServerConcurrency } from '../protocol';
import { answerOnServer } from './answers';
import { Concurrency } from './concurrency';
import { decodeOnServer } from './decode';
import type { InferenceServer } from './inference-server';
import { patiently, retrying } from './retrying';
import { Host, type Served } from './served';

export class ServerModel extends LanguageModel implements Served {
  /** Where prompts are read. */
  private readonly host: Host;
  /** Where what has no shift is answered. */
  private readonly baseline: Host;
  /** By how many answers at once are allowed: what was found for one evaluation holds for the next. */
  private readonly found = new Map<number, Concurrency>();
  private asking: Concurrency | undefined;

  /** @param baseline another one of the same model, for lanes without a shift */
  constructor(own: ModelHead, server: InferenceServer, baseline?: InferenceServer) {
    super(own);
    this.host = new Host(server);
    this.baseline = baseline ? new Host(baseline) : this.host;
  }

  override get contextLength(): number {
    const lengths = this.servers.map(({ about }) => about.contextLength);
    return Math.min(super.contextLength ?? Number.POSITIVE_INFINITY, ...lengths);
  }

  /** All but the last token of an answer are read again. */
  room(tokens: number): number {
    return Math.min(this.contextLength, this.shortest.about.longestRead + 1) - tokens;
  }

  limitOf(): string {
    const { readLimit, about } = this.shortest;
    return about.longestRead + 1 < this.contextLength
      ? `${readLimit} holds ${about.longestRead}`
      : `the model's context on the server holds ${this.contextLength}`;
  }

  async batching() {
    return null;
  }

  async prefill(ids: readonly number[], { onProgress, signal }: PrefillOptions): Promise<ReadPrompt> {
    await retrying(() => this.checkSame(signal), signal);
    const prompt = await retrying(() => this.read(ids, signal), signal);
    onProgress(ids.length);
    return prompt;
  }

  /** For evaluations, which outlive a server that is started again, with the same model. */
  reader(): ReadOne {
    return (ids, signal) => {
      const ask = async () => {
        await this.checkSame(signal);
        return this.read(ids, signal);
      };
      return patiently(ask, signal, this.asking?.heeding());
    };
  }

  /** @param rows of the evaluation that begins */
  concurrencyOf(rows: number): Concurrency {
    const slots = this.servers.reduce((sum, { about }) => sum + about.slots, 0);
    const most = Math.min(rows, slots);
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

  hostOf({ delta }: Shift): Host {
    return shiftsNothing(delta) ? this.baseline : this.host;
  }

  /** Prompt and answer are read together, but for the last token, of which nothing follows. */
  async statesOf(
    host: Host,
    { ids, hidden }: ReadTokens,
    answer: readonly number[],
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const d = this.head.hiddenSize;
    const isKnown = answer.length === 0 || (answer.length === 1 && host === this.host);
    const read = isKnown ? hidden : await host.server.hidden([...ids, ...answer.slice(0, -1)], signal);
    const first = ids.length - 1;
    return answer.map((_, i) => read.slice((first + i) * d, (first + i + 1) * d));
  }

  override async release(): Promise<void> {
    for (const server of this.servers) await server.close();
    await super.release();
  }

  private get servers(): readonly InferenceServer[] {
    return [...new Set([this.host.server, this.baseline.server])];
  }

  /** Of the servers, that which reads the shortest texts. */
  private get shortest(): InferenceServer {
    return this.servers.reduce((a, b) => (b.about.longestRead < a.about.longestRead ? b : a));
  }

  /** @throws EngineError where one of the servers runs another model by now */
  private async checkSame(signal: AbortSignal): Promise<void> {
    for (const server of this.servers) await server.checkSame(signal);
  }

  private async read(ids: readonly number[], signal: AbortSignal): Promise<ReadPrompt> {
    return { ids, hidden: await this.host.server.hidden(ids, signal), reused: 0 };
  }
}
