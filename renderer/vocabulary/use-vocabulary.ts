/** Everything that the views of the vocabulary draw from: the lane and step, and what has been read for them. */

import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Failure, SlotStep } from '../../engine/protocol';
import type { Adaptation } from '../run/curves';
import { stepEvent } from '../run/ranking';
import { hasEnded } from '../run/run-view';
import type { StepColumns } from '../run/vocabulary/metrics';
import { type RunModel, runModelOf, type ScaledStep } from '../run/vocabulary/vector-reader';
import { resolveWatched, type WatchedToken } from '../run/vocabulary/watch';
import { useAppState, useStudio } from '../state/studio-context';
import { useAdaptations } from '../state/use-adaptations';
import { useReading } from '../state/use-reading';
import { useSelectedStep } from '../state/use-selected-step';
import { useShownRun } from '../state/use-shown-run';
import { number } from '../ui/text/format';

/** Long enough to pass over the steps that a dragged slider only touches. */
const SETTLE_MS = 40;

export interface Vocabulary {
  readonly lanes: readonly Adaptation[];
  readonly lane: Adaptation | null;
  /** Updates of the lane's delta; 0 is before the first. */
  readonly step: number;
  /** Null before the first update. */
  readonly event: SlotStep | null;
  readonly run: RunModel | null;
  /** Every token's text by id. */
  readonly tokens: readonly string[] | null;
  /** Null until they are read; then of `step`, or for a moment of the step before: see `isCurrent`. */
  readonly columns: StepColumns | null;
  readonly isCurrent: boolean;
  /** What the step's delta is multiplied by; `columns` are of that. */
  readonly factor: number;
  /** What that comes to; null where the factor is 1, or it is not known yet. */
  readonly scaled: ScaledStep | null;
  readonly failure: Failure | null;
  /** Reads again what failed. */
  retry(): void;
  readonly watched: readonly WatchedToken[];
}

export function useVocabulary(): Vocabulary {
  const { vectors } = useStudio();
  const lanes = useAdaptations();
  const chosen = useAppState((state) => state.shiftLane);
  const { step: selected } = useSelectedStep();
  const run = useRunModel();
  const ended = useShownRun(hasEnded);
  // A request would start a stopped engine anew; that is the user's to decide.
  const ready = useAppState((state) => state.engine.state === 'ready');

  const lane = lanes.find((each) => each.name === chosen) ?? lanes[0] ?? null;
  const step = lane ? Math.min(selected, lane.steps.length) : 0;
  // While the lane adapts, the engine has better to do, and the events carry what moved most.
  const settled = ready && lane !== null && lane.steps.length > 0 && (ended || lane.slot !== null);

  // A stored run that is opened again may have come by its vectors.
  const opening = useAppState(({ shown }) => (shown.kind === 'stored' ? shown.opening : 0));
  const scope = JSON.stringify([run?.runId, lane?.name]);
  const texts = useReading({
    key: settled && run ? JSON.stringify([run.runId, opening]) : null,
    scope: run?.runId ?? '',
    read: () => vectors.vocabulary(run!),
  });
  const scale = useAppState((state) => state.deltaScale);
  const isScaled = scale !== null && scale.runId === run?.runId && scale.lane === lane?.name;
  const factor = isScaled && step > 0 ? scale.factor : 1;
  const figures = useReading<{ columns: StepColumns; scaled: ScaledStep | null }>({
    key: settled && run ? JSON.stringify([run.runId, lane.name, step, opening, factor]) : null,
    scope,
    read: async () => {
      if (factor === 1) return { columns: await vectors.step(run!.runId, lane!.name, step), scaled: null };
      const scaled = await vectors.scaled(run!.runId, lane!.name, step, factor);
      return { columns: scaled.columns, scaled };
    },
    delay: SETTLE_MS,
  });

  const all = useAppState((state) => state.watched);
  const tokens = texts.value;
  const watched = useMemo(() => resolveWatched(all, run?.model ?? '', tokens), [all, run?.model, tokens]);

  return {
    lanes,
    lane,
    step,
    // The events tell of the delta as it was learned.
    event: lane && factor === 1 ? stepEvent(lane, step) : null,
    run,
    tokens,
    columns: figures.value?.columns ?? null,
    isCurrent: figures.isCurrent,
    factor,
    scaled: figures.value?.scaled ?? null,
    failure: figures.failure ?? texts.failure,
    retry: figures.failure ? figures.retry : texts.retry,
    watched,
  };
}

/** What stands behind the unit of a chart whose deltas are multiplied; nothing where they are not. */
export function scaledWords({ factor }: Pick<Vocabulary, 'factor'>): string {
  return factor === 1 ? '' : `, delta × ${number(factor, 1)}`;
}

/** The shown run's vocabulary; the same object while the run is the same. */
function useRunModel(): RunModel | null {
  const [runId, model, prompt] = useShownRun(
    useShallow((run) => [run.runId, run.model, run.prompt] as const),
  );
  return useMemo(() => runModelOf({ runId, model, prompt }), [runId, model, prompt]);
}
