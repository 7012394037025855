/** A side's shifts after a step: of the whole vocabulary where its vectors are kept, else of the listed tokens. */
import { useEffect, useMemo, useState } from 'react';
import { stepEvent } from '../run/ranking';
import type { Failure } from '../run/run-view';
import { type RunModel, runModelOf, type VectorReader } from '../run/vocabulary/vector-reader';
import { asFailure } from '../state/session';
import { useStudio } from '../state/studio-context';
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
  const { vectors } = useStudio();
  const { lane, summary, view } = side;
  const run = useMemo(() => runModelOf({ ...view, runId: summary.runId }), [view, summary.runId]);
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
      readShifts(vectors, run, lane.name, last).then(
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
  }, [vectors, run, lane, last, key]);

  if (last === 0) return { shifts: null, failure: null, isLoading: false };
  // Until the next step is there the one before stays in view.
  return { shifts: read?.shifts ?? null, failure: read?.failure ?? null, isLoading: read?.key !== key };
}

/**
 * What was read once is remembered: a slider goes back and forth. Rejects with an EngineError.
 * @param run null: it names no model
 */
export async function readShifts(
  vectors: VectorReader,
  run: RunModel | null,
  lane: string,
  step: number,
): Promise<TokenShifts> {
  if (!run) throw new Error('the run names no model');
  const [columns, tokens] = await Promise.all([vectors.step(run.runId, lane, step), vectors.vocabulary(run)]);
  return wholeShifts(tokens, columns);
}
