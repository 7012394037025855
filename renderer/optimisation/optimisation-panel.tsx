/** Loss, delta norm, gradient norm and time over the steps of every lane that adapts. */

import { useMemo } from 'react';
import { CurveChart } from '../charts/curve-chart';
import {
  deltaNormCurves,
  gradientNormCurves,
  klCurves,
  lossCurves,
  type SetAdaptation,
  stepTimeCurves,
} from '../run/curves';
import { hasEnded, stepsPlanned } from '../run/run-view';
import { useAppState } from '../state/studio-context';
import { useAdaptations } from '../state/use-adaptations';
import { useSelectedStep } from '../state/use-selected-step';
import { useShownRun } from '../state/use-shown-run';
import { Pulls } from './pulls';
import './optimisation.css';

export function OptimisationPanel() {
  const lanes = useAdaptations();
  const planned = useShownRun(stepsPlanned);
  const ended = useShownRun(hasEnded);
  const { step, last } = useSelectedStep();
  const loss = useMemo(() => lossCurves(lanes), [lanes]);
  const deltaNorm = useMemo(() => deltaNormCurves(lanes), [lanes]);
  const gradientNorm = useMemo(() => gradientNormCurves(lanes), [lanes]);
  const time = useMemo(() => stepTimeCurves(lanes), [lanes]);
  const kl = useMemo(() => klCurves(lanes), [lanes]);
  const chosen = useAppState((state) => state.shiftLane);
  const pulled = lanes.find(({ name }) => name === chosen) ?? lanes[0];
  const shared = { selectedStep: last > 0 ? step : null, lastStep: ended ? last : planned, ended };

  return (
    <div className="optimisation">
      <CurveChart
        {...shared}
        title="Prompt loss"
        unit="mean cross-entropy, nats"
        testId="loss-chart"
        curves={loss}
        canBeLog
      />
      <CurveChart
        {...shared}
        title="Delta norm"
        unit="‖delta‖₂"
        testId="delta-norm-chart"
        curves={deltaNorm}
        canBeLog
      />
      <CurveChart
        {...shared}
        title="Gradient norm"
        unit="before each update"
        testId="gradient-norm-chart"
        curves={gradientNorm}
        canBeLog
      />
      <CurveChart {...shared} title="Time" unit="ms of each update" testId="step-time-chart" curves={time} />
      {kl.some(({ points }) => points.length > 0) && (
        <CurveChart
          {...shared}
          title="KL to the model"
          unit={`mean KL(slot ‖ base), nats${budgetWords(lanes)}`}
          testId="kl-chart"
          curves={kl}
        />
      )}
      {pulled && <Pulls lane={pulled} step={step} />}
    </div>
  );
}

/** What bounds it, where all lanes that have a bound have the same. */
function budgetWords(lanes: readonly SetAdaptation[]): string {
  const budgets = new Set(lanes.flatMap(({ settings }) => settings.klBudget ?? []));
  return budgets.size === 1 ? `, at most ${[...budgets].join()}` : '';
}
