/** Asks the engine for shifts by text: a little after the last key, and again when the lane has moved on. */
import { useEffect, useState } from 'react';
import type { Result } from '../../../engine/protocol';
import type { Adaptation } from '../../run/curves';
import { type Failure, hasEnded } from '../../run/run-view';
import { asFailure } from '../../state/session';
import { useAppState, useStudio } from '../studio-context';

const DELAY_MS = 150;
const LISTED = 50;

interface SearchOutcome {
  readonly found: Result<'shift.search'> | null;
  readonly failure: Failure | null;
}

const NOTHING: SearchOutcome = { found: null, failure: null };

export function useShiftSearch(lane: Adaptation | null, search: string): SearchOutcome {
  const { session } = useStudio();
  const runId = useAppState((state) => state.run.runId);
  const [outcome, setOutcome] = useState<SearchOutcome>(NOTHING);
  // A request would start a stopped engine anew; that is the user's to decide.
  const ready = useAppState((state) => state.engine.state === 'ready');
  const name = lane?.name ?? null;
  // Each answer costs the engine a product per step: ask when the lane has taken its last one.
  const ended = useAppState((state) => hasEnded(state.run));
  const steps = lane && (ended || lane.slot) ? lane.steps.length : 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new run or lane asks again
  useEffect(() => {
    if (!ready || name === null || steps === 0 || search === '') {
      setOutcome(NOTHING);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      session.searchShifts(name, search, LISTED).then(
        (found) => current && setOutcome({ found, failure: null }),
        (thrown: unknown) => current && setOutcome({ found: null, failure: asFailure(thrown) }),
      );
    }, DELAY_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [session, runId, ready, name, steps, search]);

  return outcome;
}
