/** One side of a comparison: a lane of a run, read from disk. */
import { adapts, isSlot, type RunSummary } from '../../engine/protocol';
import type { LaneView, RunView } from '../run/run-view';
import type { StoredRun } from '../state/runs/stored-runs';

export interface Side {
  readonly letter: 'A' | 'B';
  readonly summary: RunSummary;
  readonly view: RunView;
  readonly lane: LaneView;
}

/** @param lane null is the first that adapts */
export function sideOf(
  letter: Side['letter'],
  { summary, view }: StoredRun,
  lane: string | null,
): Side | null {
  const { lanes } = view;
  const found =
    lanes.find(({ name }) => name === lane) ??
    lanes.find(({ settings }) => isSlot(settings)) ??
    lanes.find(({ settings }) => adapts(settings)) ??
    lanes[0];
  return found ? { letter, summary, view, lane: found } : null;
}
