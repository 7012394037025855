/** What the window knows of the runs on disk, and what of them it shows. */
import type { Failure, RunSummary } from '../../engine/protocol';

/** One side of a comparison. */
export interface CompareSide {
  readonly runId: string;
  /** Null is the first lane that adapts. */
  readonly lane: string | null;
}

export interface Comparison {
  readonly a: CompareSide;
  readonly b: CompareSide;
}

export interface RunsState {
  /** Newest first; null until the list was first read. */
  readonly storedRuns: readonly RunSummary[] | null;
  readonly storedRunsFailure: Failure | null;
  readonly importFailure: Failure | null;
  readonly comparison: Comparison | null;
  /** Ids of those whose deltas are held to each other. */
  readonly similarRuns: readonly string[];
}

export const INITIAL_RUNS: RunsState = {
  storedRuns: null,
  storedRunsFailure: null,
  importFailure: null,
  comparison: null,
  similarRuns: [],
};
