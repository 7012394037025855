/** What needs the answer, and so the model: both distributions at one of its tokens, and the mass moved over it. */

import { useCallback, useMemo, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Failure } from '../../engine/protocol';
import { firstDivergence } from '../run/divergence';
import { hasEnded } from '../run/run-view';
import type { PositionColumns } from '../run/vocabulary/metrics';
import type { AppState } from '../state/app-state';
import { shownRun } from '../state/shown-run';
import { useAppState, useStudio } from '../state/studio-context';
import { useReading } from '../state/use-reading';
import type { Vocabulary } from './use-vocabulary';

export interface AnswerReadings {
  /** Index of the answer's token that is looked at; null where there is none. */
  readonly index: number | null;
  readonly length: number;
  /** The token's text. */
  readonly token: string | null;
  readonly position: PositionColumns | null;
  readonly positionFailure: Failure | null;
  readonly mass: Float32Array | null;
  readonly massFailure: Failure | null;
  readonly massState: 'unasked' | 'working' | 'done';
  /** Tokens of the answer that it has been worked out over. */
  readonly massDone: number;
  /** About how long it may take at most: what writing the answer took. Null where that is not known. */
  readonly massMs: number | null;
  askMass(): void;
  stopMass(): void;
}

/** @param wanted whether a view that is open shows the position */
export function useAnswer({ run, lane, factor }: Vocabulary, wanted: boolean): AnswerReadings {
  const { vectors } = useStudio();
  const ready = useAppState((state) => state.engine.state === 'ready' && hasEnded(shownRun(state)));
  const [length, token, index, massMs] = useAppState(
    useShallow((state) => {
      const own = shownRun(state).lanes.find((each) => each.name === lane?.name);
      const count = own?.tokens.length ?? 0;
      const wish = chosenIndex(state) ?? firstDivergence(shownRun(state).lanes) ?? 0;
      const at = count === 0 ? null : Math.min(wish, count - 1);
      return [count, own?.tokens[at ?? -1]?.text ?? null, at, own?.end?.ms ?? null] as const;
    }),
  );
  const scope = JSON.stringify([run?.runId, lane?.name, factor]);
  const possible = ready && run !== null && lane !== null && index !== null;
  const position = useReading({
    key: possible && wanted ? JSON.stringify([scope, index]) : null,
    scope,
    read: () => vectors.position(run!.runId, lane!.name, index!, factor),
  });
  const shown = position.isCurrent ? position.value : null;
  const mass = useAnswerMass(possible ? { runId: run.runId, lane: lane.name, factor } : null, scope);
  // The same object while nothing of it changes: a table of a whole vocabulary draws from it.
  return useMemo(
    () => ({ index, length, token, position: shown, positionFailure: position.failure, massMs, ...mass }),
    [index, length, token, shown, position.failure, massMs, mass],
  );
}

type MassReading = Pick<
  AnswerReadings,
  'mass' | 'massFailure' | 'massState' | 'massDone' | 'askMass' | 'stopMass'
>;

/**
 * The mass moved over the answer, worked out when it is asked for.
 * @param answer null where it cannot be worked out now
 * @returns the same object while nothing of it changes
 */
function useAnswerMass(
  answer: { runId: string; lane: string; factor: number } | null,
  scope: string,
): MassReading {
  const { vectors } = useStudio();
  const [asked, setAsked] = useState<string | null>(null);
  const [massDone, setMassDone] = useState(0);
  const isAsked =
    answer !== null && (asked === scope || vectors.hasAnswerMass(answer.runId, answer.lane, answer.factor));
  const { value, failure, isCurrent, retry } = useReading({
    key: isAsked ? scope : null,
    scope,
    read: (signal) => vectors.answerMass(answer!.runId, answer!.lane, signal, setMassDone, answer!.factor),
  });
  const askMass = useCallback(() => {
    setAsked(scope);
    // After a failure the question is the same.
    retry();
  }, [scope, retry]);
  const stopMass = useCallback(() => setAsked(null), []);
  const massState = !isAsked || failure ? 'unasked' : isCurrent ? 'done' : 'working';
  return useMemo(
    () => ({ mass: value, massFailure: failure, massState, massDone, askMass, stopMass }),
    [value, failure, massState, massDone, askMass, stopMass],
  );
}

/** The position that was typed, until another token is pinned or another run is shown; else the pinned token. */
function chosenIndex({
  answerPosition: typed,
  pinned,
  shown: { runId },
}: Pick<AppState, 'answerPosition' | 'pinned' | 'shown'>): number | null {
  if (typed && typed.pinned === pinned && typed.runId === runId) return typed.index;
  return pinned?.runId === runId ? pinned.index : null;
}
