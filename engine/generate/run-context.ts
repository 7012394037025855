/** What a run is given: its settings, where its events go, and how it is stopped. */
import type { RunConfig, RunEvent } from '../protocol';
import type { DecodedLane } from './decode';

/** Records what is asked of a run later besides its events. */
export interface RunRecord {
  /** @param baseMeanP [V] mean probabilities over the prompt's positions, without delta */
  startLane(lane: string, baseMeanP: Float32Array): void;
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
