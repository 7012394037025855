/** One lane's answer as it grows, token by token, and why it ended. */
import type { ReadTokens } from '../model/prefix-cache';
import type { Distributions } from '../onnx/runtime/head-runtime';
import type { GenerationSettings } from '../protocol';
import { TextStream, type Tokenizer } from '../tokenizer/tokenizer';
import { answerEnd } from './answer-end';
import { drawnLogprob } from './sampling';
import type { Shift } from './shift';
import { StopTexts } from './stop-texts';

export interface AnswerRequest extends Shift {
  /** The caller's name for the answer. */
  readonly key: string;
  /** Prefilled. Requests that are given the same object share its cache and, as long as they write the same, a row. */
  readonly prompt: ReadTokens;
  readonly generation: GenerationSettings;
  /** Ids that the answer begins with, whatever the model would choose. */
  readonly forcedPrefix?: readonly number[];
}

/** A token as an answer is told while it is written; nats. */
export interface AnswerToken {
  readonly index: number;
  readonly id: number;
  readonly logprob: number;
  readonly baseLogprob: number;
  /** Of a draw; undefined for a token that was given. */
  readonly drawnLogprob: number | undefined;
}

/** `stop`: at one of the generation's texts, or where a server has no more to say; `cancelled`: by whoever asked; `not-finite`: at logits that are no finite numbers. */
export type AnswerEnd = 'eos' | 'length' | 'stop' | 'cancelled' | 'not-finite';

export interface FinishedAnswer {
  readonly key: string;
  /** All that were written, also those of an end token or of the text that stopped it. */
  readonly ids: readonly number[];
  /** Up to the text that stopped it, where one did. */
  readonly text: string;
  readonly reason: AnswerEnd;
  readonly tokens: number;
  /** Nats, over the distributions that the tokens were chosen from; 0 where there are none. */
  readonly meanEntropy: number;
  /** [d] for each token: the last hidden state that it was chosen from. Only where they are kept. */
  readonly hidden?: readonly Float32Array[];
}

/** What of a model an answer needs. */
interface Writer {
  readonly tokenizer: Tokenizer;
  readonly stopIds: readonly number[];
  room(tokens: number): number;
}

export class AnswerLane {
  readonly ids: number[] = [];
  readonly b: Float32Array;
  readonly generation: GenerationSettings;
  readonly key: string;
  private readonly forcedPrefix: readonly number[];
  private readonly stream: TextStream;
  private readonly stops: StopTexts;
  private entropies = 0;
  private readonly hidden: Float32Array[] | undefined;
  private readonly maxNewTokens: number;

  /** Without the prompt, whose cache is not needed once the row has its own. */
  constructor(
    private readonly model: Writer,
    { key, b, generation, prompt, forcedPrefix = [] }: AnswerRequest,
    keepHidden: boolean,
  ) {
    this.key = key;
    this.b = b;
    this.generation = generation;
    this.forcedPrefix = forcedPrefix;
    this.stream = new TextStream(model.tokenizer);
    this.stops = new StopTexts(generation.stops);
    this.hidden = keepHidden ? [] : undefined;
    this.maxNewTokens = Math.min(generation.maxNewTokens, model.room(prompt.ids.length));
  }

  /** Whether there is no room for a single token. */
  get isFull(): boolean {
    return this.ids.length >= this.maxNewTokens;
  }

  /** What comes next, where that is not the model's choice. */
  get forced(): number | undefined {
    return this.forcedPrefix[this.ids.length];
  }

  /** The next token, not added yet. @param distributions [V] each */
  token(
    id: number,
    { logprobs, baseLogprobs }: Pick<Distributions, 'logprobs' | 'baseLogprobs'>,
  ): AnswerToken {
    return {
      index: this.ids.length,
      id,
      logprob: logprobs[id]!,
      baseLogprob: baseLogprobs[id]!,
      drawnLogprob: this.forced === undefined ? drawnLogprob(logprobs, this.generation, id) : undefined,
    };
  }

  /**
   * @param hidden [d] what the token was chosen from; copied where it is kept
   * @returns the answer where this token ends it
   */
  add(id: number, entropy: number, hidden: Float32Array): FinishedAnswer | undefined {
    this.ids.push(id);
    this.entropies += entropy;
    this.hidden?.push(hidden.slice());
    const cut = this.stops.push(this.stream.push(id));
    const { ids, forcedPrefix, maxNewTokens, generation } = this;
    const written = { ids, forcedPrefix, isCut: cut !== undefined };
    const reason = answerEnd(written, this.model.stopIds, { ...generation, maxNewTokens });
    return reason && this.finish(reason, reason === 'stop' ? cut : undefined);
  }

  finish(reason: AnswerEnd, text = this.model.tokenizer.decode(this.ids)): FinishedAnswer {
    const { key, ids, hidden } = this;
    const meanEntropy = ids.length > 0 ? this.entropies / ids.length : 0;
    const kept = hidden ? { hidden } : {};
    return { key, ids, text, reason, tokens: ids.length, meanEntropy, ...kept };
  }
}
