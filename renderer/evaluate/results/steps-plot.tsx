/** The curves themselves: a line through the rates, a whisker for each interval. */
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import type { LaneSummary, Rate } from '../../../engine/protocol';
import { useWidth } from '../../charts/use-width';
import { enclosingTicks, ticks } from '../../run/ticks';
import { interval, share } from '../words';
import type { PAPER } from './series';

const HEIGHT = 230;
const EDGE = { left: 40, right: 12, top: 10, bottom: 34 } as const;

interface StepsPlotProps {
  readonly points: readonly LaneSummary[];
  readonly ghost: typeof PAPER | null;
}

interface Scale {
  readonly x: (steps: number) => number;
  readonly y: (rate: number) => number;
  readonly width: number;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
}

export function StepsPlot({ points, ghost }: StepsPlotProps) {
  const holder = useRef<HTMLDivElement>(null);
  const width = useWidth(holder);
  const [at, setAt] = useState(points.length - 1);
  const scale = scaleOf(points, ghost, width);
  const right = points.map(({ graders }) => graders[0]!.right);
  const told = points[Math.min(at, points.length - 1)]!;
  const move = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(points.length - 1, at + by)));
  };
  return (
    <div className="steps-plot">
      <Told point={told} />
      {/* biome-ignore lint/a11y/useSemanticElements: it is painted; the frame's table holds it as text */}
      <div
        ref={holder}
        className="steps-plot__holder"
        role="group"
        aria-label="Left and right choose the number of steps"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
        tabIndex={0}
        onKeyDown={move}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <Axes scale={scale} />
          <line
            x1={scale.x(told.lane.steps)}
            x2={scale.x(told.lane.steps)}
            y1={EDGE.top}
            y2={HEIGHT - EDGE.bottom}
            stroke="var(--line-strong)"
            strokeDasharray="3 3"
          />
          {ghost && <Ghost scale={scale} ghost={ghost} />}
          <Curve scale={scale} points={points} rates={right} colour="var(--lane-2)" dash="" shift={-2} />
          <Curve
            scale={scale}
            points={points}
            rates={points.map(({ strict }) => strict)}
            colour="var(--lane-3)"
            dash="6 3"
            shift={2}
          />
          <PointerTargets scale={scale} points={points} onEnter={setAt} />
        </svg>
      </div>
      <Legend hasGhost={ghost !== null} />
    </div>
  );
}

interface PointerTargetsProps {
  readonly scale: Scale;
  readonly points: readonly LaneSummary[];
  readonly onEnter: (index: number) => void;
}

function PointerTargets({ scale, points, onEnter }: PointerTargetsProps) {
  return points.map(({ lane }, index) => (
    <rect
      key={lane.name}
      x={scale.x(lane.steps) - 10}
      width={20}
      y={0}
      height={HEIGHT}
      fill="transparent"
      onPointerEnter={() => onEnter(index)}
    />
  ));
}

function Legend({ hasGhost }: { hasGhost: boolean }) {
  return (
    <p className="steps-plot__legend">
      <Key colour="var(--lane-2)" dash="">
        right
      </Key>
      <Key colour="var(--lane-3)" dash="6 3">
        strict form
      </Key>
      {hasGhost && (
        <Key colour="var(--text-muted)" dash="2 3">
          the paper's, Qwen2.5-7B on GSM8K
        </Key>
      )}
    </p>
  );
}

function Told({
  point: {
    lane,
    graders: [headline],
    strict,
  },
}: {
  point: LaneSummary;
}) {
  const { right } = headline!;
  return (
    <p className="steps-plot__told" role="status" data-testid="steps-told">
      {lane.steps === 1 ? '1 step' : `${lane.steps} steps`}: right <strong>{share(right.rate)}</strong>{' '}
      <span className="muted">({interval(right.lower, right.upper)})</span>, strict form{' '}
      <strong>{share(strict.rate)}</strong>{' '}
      <span className="muted">({interval(strict.lower, strict.upper)})</span>
    </p>
  );
}

function Key({ colour, dash, children }: { colour: string; dash: string; children: ReactNode }) {
  return (
    <span>
      <svg width={22} height={8} aria-hidden="true">
        <line x1={0} x2={22} y1={4} y2={4} stroke={colour} strokeWidth={2} strokeDasharray={dash} />
      </svg>{' '}
      {children}
    </span>
  );
}

function scaleOf(points: readonly LaneSummary[], ghost: typeof PAPER | null, width: number): Scale {
  const high = Math.max(1, points.at(-1)?.lane.steps ?? 1, ghost ? ghost.right.length - 1 : 0);
  const ends = points.flatMap(({ graders: [headline], strict }) => [headline!.right, strict]);
  const rates = [
    ...ends.flatMap(({ lower, upper }) => [lower, upper]),
    ...(ghost ? [...ghost.right, ...ghost.strict] : []),
  ];
  const marks = enclosingTicks({ low: Math.min(...rates), high: Math.max(...rates) }, 5);
  const [low, top] = [Math.max(0, marks[0]!), Math.min(1, marks.at(-1)!)];
  const inner = Math.max(1, width - EDGE.left - EDGE.right);
  return {
    width,
    x: (steps) => EDGE.left + (steps / high) * inner,
    y: (rate) => HEIGHT - EDGE.bottom - ((rate - low) / (top - low)) * (HEIGHT - EDGE.top - EDGE.bottom),
    xTicks: ticks({ low: 0, high }, Math.min(high, 10)),
    yTicks: marks.filter((mark) => mark >= low && mark <= top),
  };
}

function Axes({ scale }: { scale: Scale }) {
  const bottom = HEIGHT - EDGE.bottom;
  return (
    <g fontSize={11} fill="var(--text-muted)">
      {scale.yTicks.map((mark) => (
        <g key={mark}>
          <line
            x1={EDGE.left}
            x2={scale.width - EDGE.right}
            y1={scale.y(mark)}
            y2={scale.y(mark)}
            stroke="var(--line)"
          />
          <text x={EDGE.left - 6} y={scale.y(mark)} dy="0.35em" textAnchor="end">
            {Math.round(100 * mark)} %
          </text>
        </g>
      ))}
      {scale.xTicks.map((mark) => (
        <text key={mark} x={scale.x(mark)} y={bottom + 14} textAnchor="middle">
          {mark}
        </text>
      ))}
      <text x={(EDGE.left + scale.width) / 2} y={HEIGHT - 4} textAnchor="middle">
        steps
      </text>
    </g>
  );
}

interface CurveProps {
  readonly scale: Scale;
  readonly points: readonly LaneSummary[];
  readonly rates: readonly Rate[];
  readonly colour: string;
  readonly dash: string;
  /** Apart from the other curve's whiskers, in pixels. */
  readonly shift: number;
}

function Curve({ scale, points, rates, colour, dash, shift }: CurveProps) {
  const places = rates.map(({ rate, lower, upper }, index) => ({
    x: scale.x(points[index]!.lane.steps) + shift,
    y: scale.y(rate),
    low: scale.y(lower),
    high: scale.y(upper),
  }));
  return (
    <g stroke={colour} fill="none">
      <polyline
        points={places.map(({ x, y }) => `${x},${y}`).join(' ')}
        strokeWidth={2}
        strokeDasharray={dash}
      />
      {places.map(({ x, y, low, high }) => (
        <g key={x}>
          <path d={`M${x} ${low}V${high}M${x - 3} ${low}h6M${x - 3} ${high}h6`} strokeWidth={1} />
          <circle cx={x} cy={y} r={3} fill={colour} stroke="none" />
        </g>
      ))}
    </g>
  );
}

function Ghost({ scale, ghost }: { scale: Scale; ghost: typeof PAPER }) {
  const line = (rates: readonly number[]) =>
    rates.map((rate, steps) => `${scale.x(steps)},${scale.y(rate)}`).join(' ');
  return (
    <g stroke="var(--text-muted)" fill="none" strokeWidth={1.5} strokeDasharray="2 3">
      <polyline points={line(ghost.right)} />
      <polyline points={line(ghost.strict)} />
    </g>
  );
}
