/** The lines themselves. Recharts takes its time, so each plot is drawn in a frame of its own. */
import { memo } from 'react';
import {
  type BaseTickContentProps,
  CartesianGrid,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { ChartRow } from '../run/chart-rows';
import type { Curve } from '../run/curves';
import { enclosingTicks, logTicks, type Range, ticks, tickText } from '../run/ticks';
import { ADAPTING_TONES } from '../state/lanes';
import { number } from '../ui/text/format';
import { useInTurn } from './use-in-turn';

interface CurvePlotProps {
  readonly rows: readonly ChartRow[];
  readonly curves: readonly Curve[];
  readonly selectedStep: number | null;
  readonly lastStep: number;
  readonly asLog: boolean;
  readonly onSelect: (step: number) => void;
}

const DASHES = ['', '6 3', '2 3', '8 3 2 3'] as const;
/** Of what is measured beside a lane, with hollow dots. */
const BESIDE = '1 3';
const MAX_DOTS = 60;

export const CurvePlot = memo(function CurvePlot(props: CurvePlotProps) {
  const shown = useInTurn(props, props.rows.length > 0);
  return shown && <Lines {...shown} />;
});

const Lines = memo(function Lines({ rows, curves, selectedStep, lastStep, asLog, onSelect }: CurvePlotProps) {
  // Recharts would look for round numbers, and measure their texts, at a cost that shows while tokens stream.
  const x = { low: 0, high: Math.max(lastStep, 1) };
  const y = asLog ? logAxis(rows) : linearAxis(rows);
  const labels = y.ticks.map(tickText);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart
        data={[...rows]}
        margin={{ top: 8, right: 12, bottom: 0, left: 0 }}
        accessibilityLayer
        onClick={({ activeLabel }) => {
          if (activeLabel !== undefined) onSelect(Number(activeLabel));
        }}
      >
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis
          dataKey="step"
          type="number"
          domain={[x.low, x.high]}
          ticks={ticks(x, Math.min(x.high, 10))}
          interval={0}
          niceTicks="none"
          tick={Mark}
          tickLine={false}
          axisLine={{ stroke: 'var(--line-strong)' }}
          height={20}
        />
        <YAxis
          width={Math.max(...labels.map((label) => label.length)) * 6.5 + 12}
          {...y}
          allowDataOverflow
          interval={0}
          niceTicks="none"
          tick={Mark}
          tickLine={false}
          axisLine={false}
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
        {curves.map((curve, index) => curveLine(curve, index, asLog))}
      </LineChart>
    </ResponsiveContainer>
  );
});

/** No component: Recharts looks for its own among a chart's children. */
function curveLine({ lane, points, beside }: Curve, index: number, asLog: boolean) {
  const place = beside ?? index;
  const isBeside = beside !== undefined;
  const fill = isBeside ? 'var(--surface)' : laneColour(place);
  const dot = { r: isBeside ? 3 : 2.5, fill, strokeDasharray: '', clipDot: false };
  return (
    <Line
      key={lane}
      name={lane}
      dataKey={(row: ChartRow) => plotted(row.values[index], asLog)}
      stroke={laneColour(place)}
      strokeWidth={isBeside ? 1.25 : 2}
      strokeDasharray={isBeside ? BESIDE : (DASHES[(index + Math.floor(index / 4)) % DASHES.length] ?? '')}
      dot={points.length <= MAX_DOTS ? dot : false}
      isAnimationActive={false}
      connectNulls
    />
  );
}

/** Recharts' own marks measure their words, which lays out the whole page. */
function Mark({ x, y, payload, textAnchor, verticalAnchor, className }: BaseTickContentProps) {
  return (
    <text
      x={x}
      y={y}
      dy={verticalAnchor === 'middle' ? '0.355em' : '0.71em'}
      textAnchor={textAnchor}
      className={className}
      fontSize={11}
      fill="var(--text-muted)"
    >
      {tickText(Number(payload.value))}
    </text>
  );
}

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
  return `var(--lane-${(index % ADAPTING_TONES) + 1})`;
}

function plotted(value: number | null | undefined, isLog: boolean): number | null {
  return value === null || value === undefined || (isLog && value <= 0) ? null : value;
}

interface Axis {
  readonly scale: 'linear' | 'log';
  readonly domain: readonly [number, number];
  readonly ticks: number[];
}

function linearAxis(rows: readonly ChartRow[]): Axis {
  const marks = enclosingTicks(rangeOf(rows, Number.isFinite) ?? { low: 0, high: 1 }, 4);
  return { scale: 'linear', domain: [marks[0] ?? 0, marks.at(-1) ?? 1], ticks: marks };
}

function logAxis(rows: readonly ChartRow[]): Axis {
  const range = rangeOf(rows, (value) => value > 0 && Number.isFinite(value)) ?? { low: 1, high: 10 };
  const { low, high } = range;
  // So that the outermost points are not cut in half.
  const room = Math.max(1.02, (high / low) ** 0.06);
  return { scale: 'log', domain: [low / room, high * room], ticks: logTicks(range) };
}

/** Null where there is nothing. */
function rangeOf(rows: readonly ChartRow[], counts: (value: number) => boolean): Range | null {
  const values = rows.flatMap((row) =>
    row.values.filter((value) => value !== null && counts(value)),
  ) as number[];
  return values.length === 0 ? null : { low: Math.min(...values), high: Math.max(...values) };
}

export function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : number(value, 4);
}
