/** The curves of both sides over each other, and the shifts of one against those of the other, at one step. */

import { useId, useMemo, useState } from 'react';
import { oneLine } from '../../engine/protocol';
import { CurveChart } from '../charts/curve-chart';
import { type Curve, deltaNormCurves, lossCurves } from '../run/curves';
import type { LaneView } from '../run/run-view';
import '../charts/charts.css';
import { ShiftScatter } from './shift-scatter';
import type { Side } from './side';

export function CompareCharts({ a, b }: { a: Side; b: Side }) {
  const most = Math.max(a.lane.steps.length, b.lane.steps.length);
  const [chosen, setChosen] = useState<number | null>(null);
  const step = Math.min(chosen ?? most, most);
  const loss = useMemo(() => both(a, b, lossCurves), [a, b]);
  const norm = useMemo(() => both(a, b, deltaNormCurves), [a, b]);
  const id = useId();
  const shared = {
    selectedStep: most > 0 ? step : null,
    lastStep: most,
    ended: true,
    onSelect: (next: number) => setChosen(Math.max(1, next)),
  };
  return (
    <div className="compare-charts">
      <div className="compare-curves">
        <CurveChart {...shared} title="Prompt loss" unit="nats" testId="compare-loss" curves={loss} />
        <CurveChart {...shared} title="Delta norm" unit="‖delta‖₂" testId="compare-norm" curves={norm} />
        {most > 1 && (
          <div className="compare-step">
            <label htmlFor={id}>Step</label>
            <input
              id={id}
              type="range"
              min={1}
              max={most}
              value={step}
              data-testid="compare-step"
              aria-valuetext={`after ${stepWords(a.lane, step)} of A, ${stepWords(b.lane, step)} of B`}
              onChange={({ target }) => setChosen(Number(target.value))}
            />
            <output htmlFor={id}>{step}</output>
          </div>
        )}
      </div>
      <ShiftScatter a={a} b={b} step={step} />
    </div>
  );
}

/** A lane with fewer steps stays at its last. */
function stepWords(lane: LaneView, step: number): string {
  const taken = Math.min(step, lane.steps.length);
  return `${taken} ${taken === 1 ? 'step' : 'steps'}`;
}

/** Both places are always taken, so that A and B keep their colours where one of them did not adapt. */
function both(a: Side, b: Side, draw: (lanes: readonly LaneView[]) => Curve[]): Curve[] {
  const curves = [a, b].flatMap((side) =>
    draw([side.lane]).map(({ points }) => ({
      lane: `${side.letter} ${oneLine(side.lane.name)}`,
      points,
    })),
  );
  return curves.every(({ points }) => points.length === 0) ? [] : curves;
}
