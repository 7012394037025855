/** Reads both sides of the comparison from disk. */
import { useEffect, useState } from 'react';
import type { Failure } from '../run/run-view';
import type { StoredRun } from '../state/library';
import type { CompareSide, Comparison } from '../state/library-state';
import { asFailure } from '../state/session';
import { useStudio } from '../state/studio-context';
import { type Side, sideOf } from './side';

export interface LoadedSide {
  readonly side: Side | null;
  readonly failure: Failure | null;
}

export function useSides(comparison: Comparison | null): { a: LoadedSide; b: LoadedSide } {
  return { a: useSide('A', comparison?.a ?? null), b: useSide('B', comparison?.b ?? null) };
}

interface Read {
  readonly runId: string;
  readonly run: StoredRun | null;
  readonly failure: Failure | null;
}

function useSide(letter: Side['letter'], wanted: CompareSide | null): LoadedSide {
  const { library } = useStudio();
  const [read, setRead] = useState<Read | null>(null);
  const runId = wanted?.runId ?? null;

  useEffect(() => {
    if (runId === null) return;
    let current = true;
    library.read(runId).then(
      (run) => current && setRead({ runId, run, failure: null }),
      (thrown: unknown) => current && setRead({ runId, run: null, failure: asFailure(thrown) }),
    );
    return () => {
      current = false;
    };
  }, [library, runId]);

  // What was read for another choice is no longer of interest.
  if (!read || read.runId !== runId) return { side: null, failure: null };
  return { side: read.run && sideOf(letter, read.run, wanted?.lane ?? null), failure: read.failure };
}
