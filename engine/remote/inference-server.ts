/** What is asked of an inference server, whichever engine runs it. */
import type { Shift } from '../generate/shift';
import type { GenerationSettings, ServerAbout } from '../protocol';

export interface WriteRequest {
  /** What is written after. */
  readonly ids: readonly number[];
  /** Undefined adds nothing. `b` is what the logits grow by: scaled where the head scales them. */
  readonly shift: Shift | undefined;
  readonly settings: Pick<GenerationSettings, 'temperature' | 'topP' | 'seed' | 'stops'>;
  /** At most so many tokens. */
  readonly count: number;
  readonly signal: AbortSignal;
  /**
   * Told the text as it grows, and the ids, as long as all of them are known; without it, nobody looks.
   */
  readonly onText?: (text: string, ids: readonly number[] | undefined) => void;
}

/** Asks once: who asks it says how what may pass is waited for. */
export interface InferenceServer {
  readonly about: ServerAbout;
  /** What a shift is added to there. */
  readonly adds: 'b' | 'delta';
  /** What bounds the texts that it reads, in words. */
  readonly readLimit: string;
  /** Last hidden states, after the final norm: [n, d]. @throws EngineError */
  hidden(ids: readonly number[], signal: AbortSignal): Promise<Float32Array>;
  /** Ids that follow: fewer than asked for where an end token, which is the last of them, or a stop text was written. */
  write(request: WriteRequest): Promise<readonly number[]>;
  /** Log-probabilities of the most probable next tokens, by its own head. @param ids of a text that ends with a character */
  nextTokens(ids: readonly number[], signal: AbortSignal): Promise<ReadonlyMap<number, number>>;
  /** A text in the ids of its own tokenizer. */
  tokenize(text: string, signal: AbortSignal): Promise<readonly number[]>;
  /** @throws EngineError where another model answers than when it was opened */
  checkSame(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
