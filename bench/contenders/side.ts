/** What both sides of a comparison can do: open a model folder and answer a prompt. */
import type { Arithmetic } from '../../engine/protocol';

export interface SideOptions {
  readonly folder: string;
  /** The best that there is, where it is left out. */
  readonly dtype?: string | undefined;
  /** Ours alone. */
  readonly arithmetic?: Arithmetic;
  /** Ours alone: no prepacked copies of the weights. */
  readonly memorySaver: boolean;
}

export interface Request {
  /** Raw text, without a chat template. */
  readonly prompt: string;
  readonly newTokens: number;
  /** SLOT's steps for each lane; 0 is the baseline. Several lanes are made to differ from their first token on. */
  readonly lanes: readonly number[];
}

export interface Answered {
  /** Milliseconds from the request to each token of any lane. */
  readonly tokens: readonly number[];
  readonly prefill: number;
  /** Of the first pass over the prompt and all steps. */
  readonly slot: number;
  readonly steps: readonly number[];
}

export interface Side {
  load(): Promise<void>;
  answer(request: Request): Promise<Answered>;
}
