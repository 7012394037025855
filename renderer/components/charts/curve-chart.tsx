/** Lines over the steps of SLOT, one per lane, each with its own dash besides its own colour. */
import { memo } from 'react';
import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { ChartData } from '../../export/csv';
import { type ChartRow, chartRows, thinRows } from '../../run/chart-rows';
import type { Curve } from '../../run/curves';
import { number } from '../../text/format';
import { useSelectedStep } from '../use-selected-step';
import { ChartFrame, type Figures } from './chart-frame';

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
}

const DASHES = ['', '6 3', '2 3', '8 3 2 3'] as const;
const MOST_DOTS = 60;
const MOST_DRAWN = 240;
const TICK = { fontSize: 11, fill: 'var(--text-muted)' };

export const CurveChart = memo(function CurveChart(props: CurveChartProps) {
  const { title, unit, testId, curves, selectedStep, lastStep, ended, onSelect } = props;
  const { select } = useSelectedStep();
  const rows = thinRows(chartRows(curves), MOST_DRAWN);
  const empty = rows.length === 0;
  return (
    <ChartFrame
      title={title}
      unit={unit}
      testId={testId}
      summary={summarise(title, curves)}
      figures={() => figuresOf(curves)}
      data={() => dataOf(curves)}
    >
      {empty ? (
        <p className="chart__empty">{ended ? 'No steps in this run.' : 'Fills as SLOT runs.'}</p>
      ) : (
        <ResponsiveContainer width="100%" height="100%">
          <LineChart
            data={[...rows]}
            margin={{ top: 8, right: 12, bottom: 0, left: 0 }}
            accessibilityLayer
            onClick={({ activeLabel }) => {
              if (activeLabel !== undefined) (onSelect ?? select)(Number(activeLabel));
            }}
          >
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis
              dataKey="step"
              type="number"
              domain={[0, Math.max(lastStep, 1)]}
              allowDecimals={false}
              {...(lastStep <= 10 && { ticks: Array.from({ length: lastStep + 1 }, (_, tick) => tick) })}
              tick={TICK}
              tickLine={false}
              axisLine={{ stroke: 'var(--line-strong)' }}
              height={20}
            />
            <YAxis
              width="auto"
              domain={['auto', 'auto']}
              tick={TICK}
              tickLine={false}
              axisLine={false}
              tickCount={4}
              tickFormatter={tickText}
            />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: 'var(--line-strong)' }}
              content={({ active, label }) => {
                const row = active ? rows.find((each) => each.step === Number(label)) : undefined;
                return row ? <CurveTooltip row={row} curves={curves} /> : null;
              }}
            />
            {selectedStep !== null && (
              <ReferenceLine x={selectedStep} stroke="var(--accent)" strokeDasharray="3 3" />
            )}
            {curves.map((curve, index) => (
              <Line
                key={curve.lane}
                name={curve.lane}
                dataKey={(row: ChartRow) => row.values[index] ?? null}
                stroke={laneColour(index)}
                strokeWidth={2}
                strokeDasharray={DASHES[index % DASHES.length] ?? ''}
                dot={
                  curve.points.length <= MOST_DOTS
                    ? { r: 2.5, fill: laneColour(index), strokeDasharray: '' }
                    : false
                }
                isAnimationActive={false}
                connectNulls
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
      )}
    </ChartFrame>
  );
});

function CurveTooltip({ row, curves }: { row: ChartRow; curves: readonly Curve[] }) {
  return (
    <div className="chart-tooltip">
      <span className="muted">step {row.step}</span>
      {curves.map((curve, index) => (
        <span key={curve.lane}>
          {curve.lane} <strong>{figure(row.values[index])}</strong>
        </span>
      ))}
    </div>
  );
}

/** The baseline takes the first lane colour; adapting lanes come after it. */
function laneColour(index: number): string {
  return `var(--lane-${(index % 4) + 1})`;
}

function tickText(value: number): string {
  return Math.abs(value) >= 1000 ? value.toExponential(0) : String(Number(value.toPrecision(3)));
}

function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : number(value, 4);
}

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
