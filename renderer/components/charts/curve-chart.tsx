/** Lines over the steps of SLOT, one per lane, each with its own dash besides its own colour. */
import { memo, useState } from 'react';
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
import { logTicks } from '../../run/log-ticks';
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
  /** Offers a logarithmic axis; values that are not above 0 have no place on it. */
  readonly canBeLog?: boolean;
}

const DASHES = ['', '6 3', '2 3', '8 3 2 3'] as const;
const MOST_DOTS = 60;
const MOST_DRAWN = 240;
const TICK = { fontSize: 11, fill: 'var(--text-muted)' };

export const CurveChart = memo(function CurveChart(props: CurveChartProps) {
  const { title, unit, testId, curves, selectedStep, lastStep, ended, onSelect, canBeLog = false } = props;
  const [asLog, setAsLog] = useState(false);
  const { select } = useSelectedStep();
  const rows = thinRows(chartRows(curves), MOST_DRAWN);
  const empty = rows.length === 0;
  const range = asLog ? positiveRange(rows) : null;
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
      {/* Drawn before there is anything to draw: a chart is dear to set up, and tokens should not wait for it. */}
      <div className="chart__plot" data-empty={empty}>
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
              {...(range
                ? {
                    scale: 'log',
                    domain: withRoom(range),
                    ticks: logTicks(...range),
                    allowDataOverflow: true,
                  }
                : { domain: ['auto', 'auto'], tickCount: 4 })}
              tick={TICK}
              tickLine={false}
              axisLine={false}
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
                dataKey={(row: ChartRow) => plotted(row.values[index], range !== null)}
                stroke={laneColour(index)}
                strokeWidth={2}
                strokeDasharray={DASHES[(index + Math.floor(index / 4)) % DASHES.length] ?? ''}
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
      </div>
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

function plotted(value: number | null | undefined, isLog: boolean): number | null {
  return value === null || value === undefined || (isLog && value <= 0) ? null : value;
}

/** Null where nothing lies above 0. */
function positiveRange(rows: readonly ChartRow[]): [number, number] | null {
  const values = rows.flatMap((row) => row.values.filter((value) => value !== null && value > 0)) as number[];
  return values.length === 0 ? null : [Math.min(...values), Math.max(...values)];
}

/** So that the outermost points are not cut in half. */
function withRoom([low, high]: readonly [number, number]): [number, number] {
  const room = Math.max(1.02, (high / low) ** 0.06);
  return [low / room, high * room];
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
