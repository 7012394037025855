/** Loss, delta norm and gradient norm over the steps of every lane that adapts. */
import { useMemo } from 'react';
import { deltaNormCurves, gradientNormCurves, lossCurves } from '../../run/curves';
import { hasEnded } from '../../run/run-view';
import { useAppState } from '../studio-context';
import { useSelectedStep } from '../use-selected-step';
import { CurveChart } from './curve-chart';

export function OptimisationPanel() {
  const run = useAppState((state) => state.run);
  const { step, last } = useSelectedStep();
  // Tokens leave the curves as they are; only the lanes' steps matter.
  const loss = useMemo(() => lossCurves(run), [run]);
  const deltaNorm = useMemo(() => deltaNormCurves(run), [run]);
  const gradientNorm = useMemo(() => gradientNormCurves(run), [run]);
  const planned = run.lanes.reduce((most, lane) => Math.max(most, lane.settings.steps), 0);
  const ended = hasEnded(run);
  const shared = { selectedStep: last > 0 ? step : null, lastStep: ended ? last : planned, ended };

  return (
    <div className="optimisation">
      <CurveChart
        {...shared}
        title="Prompt loss"
        unit="mean cross-entropy, nats"
        testId="loss-chart"
        curves={loss}
      />
      <CurveChart
        {...shared}
        title="Delta norm"
        unit="‖delta‖₂"
        testId="delta-norm-chart"
        curves={deltaNorm}
      />
      <CurveChart
        {...shared}
        title="Gradient norm"
        unit="before each update"
        testId="gradient-norm-chart"
        curves={gradientNorm}
      />
    </div>
  );
}
