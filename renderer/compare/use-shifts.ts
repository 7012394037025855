/** A side's shifts after a step: of the whole vocabulary where its vectors are kept, else of the listed tokens. */
import { useMemo } from 'react';
import { stepEvent } from '../run/ranking';
import { type RunModel, runModelOf, type VectorReader } from '../run/vocabulary/vector-reader';
import { useStudio } from '../state/studio-context';
import { useReading } from '../state/use-reading';
import { listedShifts, type TokenShifts, wholeShifts } from './measures';
import type { Side } from './side';

export interface SideShifts {
  readonly shifts: TokenShifts | null;
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
  const { value, isCurrent } = useReading({
    key: last === 0 ? null : JSON.stringify([summary.runId, lane.name, last]),
    // Until the next one is there the one before stays in view.
    scope: 'shifts',
    read: () =>
      readShifts(vectors, run, lane.name, last).catch(() => {
        const event = stepEvent(lane, last);
        return event && listedShifts(event);
      }),
    delay: DELAY_MS,
  });
  return { shifts: value, isLoading: last > 0 && !isCurrent };
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
