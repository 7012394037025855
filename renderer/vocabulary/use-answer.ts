/** What needs the answer, and so the model: both distributions at one of its tokens, and the mass moved over it. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { firstDivergence } from '../run/divergence';
import { type Failure, hasEnded } from '../run/run-view';
import type { PositionColumns } from '../run/vocabulary/metrics';
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
export function useAnswer({ run, lane }: Vocabulary, wanted: boolean): AnswerReadings {
  const { vectors } = useStudio();
  const ready = useAppState((state) => state.engine.state === 'ready' && hasEnded(state.run));
  const [length, token, index, massMs] = useAppState(
    useShallow((state) => {
      const own = state.run.lanes.find((each) => each.name === lane?.name);
      const count = own?.tokens.length ?? 0;
      const pinned = state.pinned?.runId === state.run.runId ? state.pinned.index : null;
      const wish = state.answerPosition ?? pinned ?? firstDivergence(state.run.lanes) ?? 0;
      const at = count === 0 ? null : Math.min(wish, count - 1);
      return [count, own?.tokens[at ?? -1]?.text ?? null, at, own?.end?.ms ?? null] as const;
    }),
  );
  const [asked, setAsked] = useState<string | null>(null);

  const scope = JSON.stringify([run?.runId, lane?.name]);
  const possible = ready && run !== null && lane !== null && index !== null;
  const position = useReading(possible && wanted ? JSON.stringify([scope, index]) : null, scope, () =>
    vectors.position(run!.runId, lane!.name, index!),
  );
  const isAsked = possible && (asked === scope || vectors.hasAnswerMass(run.runId, lane.name));
  const [massDone, setMassDone] = useState(0);
  const work = useRef<AbortController>(null);
  const mass = useReading(isAsked ? scope : null, scope, () => {
    work.current = new AbortController();
    return vectors.answerMass(run!.runId, lane!.name, work.current.signal, setMassDone);
  });
  const stopMass = useCallback(() => {
    work.current?.abort();
    setAsked(null);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: nobody waits for the answer of another run or lane
  useEffect(() => () => work.current?.abort(), [scope]);

  const askMass = useCallback(() => {
    setAsked(null);
    // In a turn of its own, so that asking again after a failure asks again.
    setTimeout(() => setAsked(scope), 0);
  }, [scope]);
  const shownPosition = position.isCurrent ? position.value : null;
  const shownMass = mass.value;
  const massState = !isAsked || mass.failure ? 'unasked' : mass.isCurrent ? 'done' : 'working';
  // The same object while nothing of it changes: a table of a whole vocabulary draws from it.
  return useMemo(
    () => ({
      index,
      length,
      token,
      position: shownPosition,
      positionFailure: position.failure,
      mass: shownMass,
      massFailure: mass.failure,
      massState,
      massDone,
      massMs,
      askMass,
      stopMass,
    }),
    [
      index,
      length,
      token,
      shownPosition,
      position.failure,
      shownMass,
      mass.failure,
      massState,
      massDone,
      massMs,
      askMass,
      stopMass,
    ],
  );
}
