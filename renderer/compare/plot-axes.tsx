/** Axes through zero, round numbers along the edges, and the line on which both are alike. */
import { ticks, tickText } from '../run/ticks';
import { MARGIN, type PlotScale } from './plot-scale';

interface PlotAxesProps {
  readonly scale: PlotScale;
  readonly names: { readonly x: string; readonly y: string };
  readonly unit: string;
}

export function PlotAxes({ scale, names, unit }: PlotAxesProps) {
  const { ranges, size } = scale;
  const left = MARGIN.left;
  const right = size.width - MARGIN.right;
  const bottom = size.height - MARGIN.bottom;
  if (right <= left || bottom <= MARGIN.top) return null;
  const low = Math.max(ranges.x.low, ranges.y.low);
  const high = Math.min(ranges.x.high, ranges.y.high);
  return (
    <g className="scatter__axes">
      {ticks(ranges.x, 6).map((value) => (
        <g key={value}>
          <line
            className="scatter__grid"
            x1={scale.x(value)}
            x2={scale.x(value)}
            y1={MARGIN.top}
            y2={bottom}
          />
          <text x={scale.x(value)} y={bottom + 14} textAnchor="middle">
            {tickText(value)}
          </text>
        </g>
      ))}
      {ticks(ranges.y, 5).map((value) => (
        <g key={value}>
          <line className="scatter__grid" x1={left} x2={right} y1={scale.y(value)} y2={scale.y(value)} />
          <text x={left - 6} y={scale.y(value)} dy="0.32em" textAnchor="end">
            {tickText(value)}
          </text>
        </g>
      ))}
      <line className="scatter__zero" x1={scale.x(0)} x2={scale.x(0)} y1={MARGIN.top} y2={bottom} />
      <line className="scatter__zero" x1={left} x2={right} y1={scale.y(0)} y2={scale.y(0)} />
      <line
        className="scatter__alike"
        x1={scale.x(low)}
        y1={scale.y(low)}
        x2={scale.x(high)}
        y2={scale.y(high)}
      />
      <text x={(left + right) / 2} y={size.height - 4} textAnchor="middle">
        {names.x}, {unit}
      </text>
      <text transform={`translate(11 ${(MARGIN.top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
        {names.y}
      </text>
    </g>
  );
}
