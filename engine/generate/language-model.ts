/**
 * What a run asks of a model. Its tokenizer, its template and its head are always on this machine; its layers, which read
 * prompts and write answers, may be elsewhere.
 */
import type { Batching } from '../model/batching';
import type { ModelHead } from '../model/model-head';
import type { ReadTokens } from '../model/prefix-cache';
import type { ServerConcurrency } from '../protocol';
import type { AnswerOptions, AnswerRequest, FinishedAnswer } from './answers';
import type { DecodeEvent, DecodeLane, DecodeOptions } from './decode';

export interface ReadPrompt extends ReadTokens {
  /** Tokens that were known from an earlier turn. */
  readonly reused: number;
}

export interface PrefillOptions {
  /** Called with the number of tokens known so far; may throw to stop. */
  readonly onProgress: (tokens: number) => void;
  readonly signal: AbortSignal;
  /** Whether a conversation's next turn may go on from it. */
  readonly isKept: boolean;
}

/** Reads one of many prompts. @throws the signal's reason */
export type ReadOne = (ids: readonly number[], signal: AbortSignal) => Promise<ReadTokens>;

export abstract class LanguageModel {
  constructor(private readonly own: ModelHead) {}

  get folder() {
    return this.own.folder;
  }

  get tokenizer() {
    return this.own.tokenizer;
  }

  get template() {
    return this.own.template;
  }

  get head() {
    return this.own.head;
  }

  get headInfo() {
    return this.own.headInfo;
  }

  get layers(): number {
    return this.own.layers;
  }

  /** Tokens that end an answer. */
  get stopIds(): readonly number[] {
    return this.own.stopIds;
  }

  /** In tokens, of prompt and answer; undefined where nothing says. */
  get contextLength(): number | undefined {
    return this.own.contextLength;
  }

  /** Whether its files still are as they were when it was opened. */
  get isUnchanged(): boolean {
    return this.own.isUnchanged;
  }

  /** The longest prompt and answer for which the numbers are the original model's; undefined where that is any. */
  get originalMaxPositions(): number | undefined {
    return undefined;
  }

  /** Every token's text by id: one for each logit. */
  vocabulary(): Promise<string[]> {
    return this.own.vocabulary();
  }

  /** How many answer tokens fit after a prompt of this length. */
  abstract room(tokens: number): number;

  /** How many answers were asked for at once; null where that is not for another machine to say. */
  get concurrency(): ServerConcurrency | null {
    return null;
  }

  /** Why an answer to a prompt of this length must end, for messages. */
  abstract limitOf(tokens: number): string;

  /** How rows of unequal length share a batch; null where they are not run here. */
  abstract batching(): Promise<Batching | null>;

  /** A prompt's last hidden states. @throws the signal's reason */
  abstract prefill(ids: readonly number[], options: PrefillOptions): Promise<ReadPrompt>;

  /** Reads prompts of which nothing is kept but what all begin with. @param first some of them */
  abstract reader(first: readonly (readonly number[])[]): ReadOne;

  /** The answers of the lanes of one prompt, token by token. @throws the signal's reason */
  abstract decode(
    prompt: ReadTokens,
    lanes: readonly DecodeLane[],
    options: DecodeOptions,
  ): AsyncGenerator<DecodeEvent, void>;

  /**
   * Answers of many problems: each as soon as it ends, and 'tick' as often as another may be given its turn.
   * @param next the requests of one more problem, whenever there is room; undefined when there are no more
   * @throws the signal's reason
   */
  abstract answers(
    next: () => Promise<readonly AnswerRequest[] | undefined>,
    options: AnswerOptions,
  ): AsyncGenerator<FinishedAnswer | 'tick', void>;

  release(): Promise<void> {
    return this.own.release();
  }
}
