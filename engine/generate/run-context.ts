/** What a run is given: its settings, where its events go, and how it is stopped. */
import type { RunConfig, RunEvent } from '../protocol';
import type { Fit } from '../slot/objective';
import type { DecodedLane } from './decode';

/** A prompt as an objective takes it. */
export interface LearnedPrompt {
  /** [n, d] */
  readonly hidden: Float32Array;
  /** Of the positions but the last. */
  readonly targets: readonly number[];
  readonly fit: Fit;
}

/** Records what is asked of a run later besides its events. */
export interface RunRecord {
  /**
   * @param baseMeanP [V] mean probabilities over the prompt's positions, without delta
   * @param learned what delta is learned from, or measured on
   */
  startLane(lane: string, baseMeanP: Float32Array, learned: LearnedPrompt): void;
  /** delta [d], shift [V] and mean probabilities [V] after a step. */
  step(lane: string, vectors: { delta: Float32Array; shift: Float32Array; meanP: Float32Array }): void;
  answer(answer: DecodedLane): void;
}

export interface RunContext {
  readonly runId: string;
  readonly config: RunConfig;
  readonly emit: (event: RunEvent) => void;
  readonly signal: AbortSignal;
  readonly isStopped: (lane: string) => boolean;
  readonly record: RunRecord;
}
