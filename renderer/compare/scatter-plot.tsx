/** The points of a scatter with their axes: many on a canvas, few as SVG; the ones far out are named. */

import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import { visibleToken } from '../../engine/protocol';
import { signed } from '../ui/text/format';
import { placeLabels } from './place-labels';
import { PlotAxes } from './plot-axes';
import { nearest, type PlotScale, plotScale, toneOf } from './plot-scale';
import { PointsCanvas } from './points-canvas';
import { extremes, rangeOf, type Scatter } from './scatter';
import { useSize } from './use-size';

/** More than this is slow as SVG. */
const MAX_SVG_POINTS = 2_000;
const NAMED_EACH = 3;
const REACH_PX = 24;

interface ScatterPlotProps {
  readonly scatter: Scatter;
  readonly unit: string;
  readonly measure: string;
  readonly names: { readonly x: string; readonly y: string };
}

export function ScatterPlot({ scatter, unit, measure, names }: ScatterPlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  // A point belongs to the figures it was pointed at in.
  const [pointed, setPointed] = useState<{ scatter: Scatter; place: number | null } | null>(null);
  const shown = pointed?.scatter === scatter ? pointed.place : null;
  const point = (place: number | null) => setPointed({ scatter, place });
  const ranges = useMemo(() => ({ x: rangeOf(scatter.x), y: rangeOf(scatter.y) }), [scatter]);
  const scale = useMemo(() => plotScale(ranges, size), [ranges, size]);
  const named = useMemo(() => extremes(scatter, NAMED_EACH), [scatter]);
  const labels = useMemo(() => placeLabels(scatter, named, scale), [scatter, named, scale]);
  const isMany = scatter.tokens.length > MAX_SVG_POINTS;

  const onMove = (event: PointerEvent<HTMLElement>) => {
    const rect = event.currentTarget.getBoundingClientRect();
    point(nearest(scatter, scale, event.clientX - rect.left, event.clientY - rect.top, REACH_PX));
  };
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0 || named.length === 0) return;
    event.preventDefault();
    const at = shown === null ? -1 : named.indexOf(shown);
    point(named[(at + by + named.length) % named.length] ?? null);
  };

  return (
    <div className="scatter">
      <section
        ref={box}
        className="scatter__plot"
        aria-label={`${measure}, each token once; left and right arrows visit those farthest out`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: every chart is in reach of the keyboard
        tabIndex={0}
        onPointerMove={onMove}
        onPointerLeave={() => point(null)}
        onBlur={() => point(null)}
        onKeyDown={onKey}
      >
        {isMany && <PointsCanvas scatter={scatter} scale={scale} />}
        <svg
          className="scatter__svg"
          width={size.width}
          height={size.height}
          viewBox={`0 0 ${size.width} ${size.height}`}
          aria-hidden="true"
        >
          <PlotAxes scale={scale} names={names} unit={unit} />
          {!isMany && <Points scatter={scatter} scale={scale} />}
          {labels.map(({ place, text, x, y, anchor }) => (
            <text key={place} className="scatter__name" x={x} y={y} textAnchor={anchor}>
              {text}
            </text>
          ))}
          {shown !== null && <circle className="scatter__ring" {...centreOf(scatter, shown, scale)} r={6} />}
        </svg>
      </section>
      <Readout scatter={scatter} shown={shown} unit={unit} />
    </div>
  );
}

function centreOf(scatter: Scatter, place: number, scale: PlotScale) {
  return { cx: scale.x(scatter.x[place] ?? 0), cy: scale.y(scatter.y[place] ?? 0) };
}

function Points({ scatter, scale }: { scatter: Scatter; scale: PlotScale }) {
  return scatter.tokens.map((token, place) => (
    <circle
      // biome-ignore lint/suspicious/noArrayIndexKey: a point is its place
      key={`${place} ${token}`}
      {...centreOf(scatter, place, scale)}
      r={2.6}
      fill={`var(${toneOf(scatter, place)})`}
      fillOpacity={0.75}
    />
  ));
}

/** The token that is pointed at, or what the colours mean. */
function Readout({ scatter, shown, unit }: { scatter: Scatter; shown: number | null; unit: string }) {
  return (
    <output className="scatter__readout" data-testid="scatter-readout">
      {shown === null ? (
        <>
          <Legend tone="--up" text="up in both" />
          <Legend tone="--down" text="down in both" />
          <Legend tone="--text-muted" text="one each way" />
          <span className="muted">dashed: alike</span>
        </>
      ) : (
        <>
          <strong className="mono">{visibleToken(scatter.tokens[shown] ?? '')}</strong>
          <span>
            A {signed(scatter.x[shown] ?? 0, 4)}, B {signed(scatter.y[shown] ?? 0, 4)} {unit}
          </span>
        </>
      )}
    </output>
  );
}

function Legend({ tone, text }: { tone: string; text: string }) {
  return (
    <span className="scatter__legend">
      <i className="scatter__swatch" style={{ background: `var(${tone})` }} />
      {text}
    </span>
  );
}
