/** What the window knows of the runs on disk, and what of them it shows. */
import type { Failure, RunSummary } from '../../engine/protocol';
import type { RunClock } from '../run/progress';
import type { RunView } from '../run/run-view';

/** A stored run in place of the live one, with what to go back to. */
export interface Reopened {
  readonly summary: RunSummary;
  /** Counts up: the same run opened again may have come by its vectors. */
  readonly opening: number;
  readonly before: { readonly run: RunView; readonly clock: RunClock };
}

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
  readonly reopened: Reopened | null;
  readonly comparison: Comparison | null;
}

export const INITIAL_RUNS: RunsState = {
  storedRuns: null,
  storedRunsFailure: null,
  importFailure: null,
  reopened: null,
  comparison: null,
};
