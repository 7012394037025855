/** A side's shifts after a step: of the whole vocabulary where its vectors are kept, else of the listed tokens. */
import { useEffect, useState } from 'react';
import { stepEvent } from '../../run/ranking';
import type { Failure } from '../../run/run-view';
import type { Library } from '../../state/library';
import { asFailure } from '../../state/session';
import { useStudio } from '../studio-context';
import { listedShifts, type TokenShifts, wholeShifts } from './measures';
import type { Side } from './side';

export interface SideShifts {
  readonly shifts: TokenShifts | null;
  /** Why only the listed tokens are there. */
  readonly failure: Failure | null;
  readonly isLoading: boolean;
}

/** A slider passes over many steps on its way. */
const DELAY_MS = 60;

/** @param step updates of delta, 1 is after the first; beyond the last it is the last */
export function useShifts(side: Side, step: number): SideShifts {
  const { library } = useStudio();
  const { lane, summary } = side;
  const last = Math.min(step, lane.steps.length);
  const key = `${summary.runId}/${lane.name}/${last}`;
  const [read, setRead] = useState<{
    key: string;
    shifts: TokenShifts | null;
    failure: Failure | null;
  } | null>(null);

  useEffect(() => {
    if (last === 0) return;
    let current = true;
    const timer = setTimeout(() => {
      readWhole(library, summary.runId, lane.name, last).then(
        (shifts) => current && setRead({ key, shifts, failure: null }),
        (thrown: unknown) => {
          if (!current) return;
          const event = stepEvent(lane, last);
          setRead({ key, shifts: event && listedShifts(event), failure: asFailure(thrown) });
        },
      );
    }, DELAY_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [library, summary.runId, lane, last, key]);

  if (last === 0) return { shifts: null, failure: null, isLoading: false };
  // Until the next step is there the one before stays in view.
  return { shifts: read?.shifts ?? null, failure: read?.failure ?? null, isLoading: read?.key !== key };
}

async function readWhole(library: Library, runId: string, lane: string, step: number): Promise<TokenShifts> {
  const [vectors, tokens] = await Promise.all([
    library.shifts(runId, lane, step - 1),
    library.vocabulary(runId),
  ]);
  return wholeShifts(tokens, vectors);
}
