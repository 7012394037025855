/** Lines over the steps of SLOT, one per lane, each with its own dash besides its own colour. */
import { memo, useMemo, useState } from 'react';
import type { ChartData } from '../export/csv';
import { chartRows, thinRows } from '../run/chart-rows';
import type { Curve } from '../run/curves';
import { useSelectedStep } from '../state/use-selected-step';
import { ChartFrame, type Figures } from './chart-frame';
import { CurvePlot, figure } from './curve-plot';

interface CurveChartProps {
  readonly title: string;
  readonly unit: string;
  readonly testId: string;
  readonly curves: readonly Curve[];
  readonly selectedStep: number | null;
  /** Where the axis ends, known before the last step is done. */
  readonly lastStep: number;
  /** Nothing more is to come. */
  readonly ended: boolean;
  /** Takes the clicked step; where it is left out, the step that drives the window changes. */
  readonly onSelect?: (step: number) => void;
  /** Offers a logarithmic axis; values that are not above 0 have no place on it. */
  readonly canBeLog?: boolean;
}

const MAX_DRAWN = 240;

export const CurveChart = memo(function CurveChart(props: CurveChartProps) {
  const { title, unit, testId, curves, selectedStep, lastStep, ended, onSelect, canBeLog = false } = props;
  const [asLog, setAsLog] = useState(false);
  const { select } = useSelectedStep();
  const rows = useMemo(() => thinRows(chartRows(curves), MAX_DRAWN), [curves]);
  const empty = rows.length === 0;
  return (
    <ChartFrame
      title={title}
      unit={unit}
      testId={testId}
      summary={summarise(title, curves)}
      figures={() => figuresOf(curves)}
      data={() => dataOf(curves)}
      actions={
        canBeLog && (
          <button
            type="button"
            className="button button--quiet chart__action"
            aria-pressed={asLog}
            aria-label={`log axis: ${title}`}
            onClick={() => setAsLog(!asLog)}
          >
            log
          </button>
        )
      }
    >
      {empty && <p className="chart__empty">{ended ? 'No steps in this run.' : 'Fills as SLOT runs.'}</p>}
      {/* Drawn before there is anything to draw: a chart takes long to set up, and tokens should not wait for it. */}
      <div className="chart__plot" data-empty={empty}>
        <CurvePlot
          rows={rows}
          curves={curves}
          selectedStep={selectedStep}
          lastStep={lastStep}
          asLog={asLog}
          onSelect={onSelect ?? select}
        />
      </div>
    </ChartFrame>
  );
});

function figuresOf(curves: readonly Curve[]): Figures {
  return {
    columns: ['step', ...curves.map((curve) => curve.lane)],
    rows: chartRows(curves).map((row) => [String(row.step), ...row.values.map(figure)]),
  };
}

function dataOf(curves: readonly Curve[]): ChartData {
  return {
    columns: ['step', ...curves.map((curve) => curve.lane)],
    rows: chartRows(curves).map(({ step, values }) => [step, ...values]),
  };
}

function summarise(title: string, curves: readonly Curve[]): string {
  const parts = curves.flatMap(({ lane, points }) => {
    const first = points[0];
    const last = points.at(-1);
    if (!first || !last) return [];
    return [
      `${lane} from ${figure(first.value)} at step ${first.step} to ${figure(last.value)} at step ${last.step}`,
    ];
  });
  return parts.length === 0 ? `${title}: no figures yet.` : `${title}: ${parts.join('; ')}.`;
}
