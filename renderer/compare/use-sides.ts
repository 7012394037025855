/** Reads both sides of the comparison from disk. */

import { useMemo } from 'react';
import type { Failure } from '../../engine/protocol';
import type { CompareSide, Comparison } from '../state/runs-state';
import { useStudio } from '../state/studio-context';
import { useReading } from '../state/use-reading';
import { type Side, sideOf } from './side';

export interface LoadedSide {
  readonly side: Side | null;
  readonly failure: Failure | null;
  retry(): void;
}

export function useSides(comparison: Comparison | null): { a: LoadedSide; b: LoadedSide } {
  return { a: useSide('A', comparison?.a ?? null), b: useSide('B', comparison?.b ?? null) };
}

function useSide(letter: Side['letter'], wanted: CompareSide | null): LoadedSide {
  const { runs } = useStudio();
  const runId = wanted?.runId ?? null;
  const { value, failure, retry } = useReading({
    key: runId,
    // What was read for another choice is no longer of interest.
    scope: runId,
    read: (signal) => runs.read(runId!, signal),
  });
  const side = useMemo(
    () => value && sideOf(letter, value, wanted?.lane ?? null),
    [value, letter, wanted?.lane],
  );
  return { side, failure, retry };
}
