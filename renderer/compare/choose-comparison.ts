/** Which two things to compare where the user has named one run, or none. */
import type { RunSummary } from '../../engine/protocol';
import type { CompareSide, Comparison } from '../state/runs-state';

/** Those that can be shown. */
export function comparable(runs: readonly RunSummary[]): readonly RunSummary[] {
  return runs.filter(({ outcome }) => outcome !== 'damaged');
}

/**
 * Two runs: the older one is A. One: two of its lanes. None: the two newest that adapt.
 * @param chosen ids of at most two runs
 */
export function chooseComparison(
  stored: readonly RunSummary[],
  chosen: readonly string[],
): Comparison | null {
  const runs = comparable(stored);
  const named = runs.filter(({ runId }) => chosen.includes(runId));
  const adapting = runs.filter(({ lanes }) => lanes.some(({ steps }) => steps > 0));
  const [newer, older] = named.length > 0 ? named : adapting.length > 0 ? adapting : runs;
  if (!newer) return null;
  return older ? { a: side(older), b: side(newer) } : lanesOf(newer);
}

function side(run: RunSummary): CompareSide {
  return { runId: run.runId, lane: null };
}

function lanesOf(run: RunSummary): Comparison {
  const last = run.lanes.findLast(({ steps }) => steps > 0) ?? run.lanes.at(-1);
  const first = run.lanes.find(({ name }) => name !== last?.name) ?? last;
  return {
    a: { runId: run.runId, lane: first?.name ?? null },
    b: { runId: run.runId, lane: last?.name ?? null },
  };
}
