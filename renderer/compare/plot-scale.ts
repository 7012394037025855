/** From figures to pixels and back to the nearest point. */
import type { Range } from '../run/ticks';
import type { Scatter } from './scatter';
import type { Size } from './use-size';

export const MARGIN = { top: 10, right: 14, bottom: 34, left: 50 } as const;

export interface PlotScale {
  readonly size: Size;
  readonly ranges: { readonly x: Range; readonly y: Range };
  x(value: number): number;
  y(value: number): number;
}

export function plotScale(ranges: PlotScale['ranges'], size: Size): PlotScale {
  const width = Math.max(1, size.width - MARGIN.left - MARGIN.right);
  const height = Math.max(1, size.height - MARGIN.top - MARGIN.bottom);
  const part = ({ low, high }: Range, value: number) => (value - low) / (high - low);
  return {
    size,
    ranges,
    x: (value) => MARGIN.left + part(ranges.x, value) * width,
    y: (value) => MARGIN.top + (1 - part(ranges.y, value)) * height,
  };
}

/** Both up, both down, or against each other: the place says it too, so colour is not alone. */
export function toneOf({ x, y }: Scatter, place: number): '--up' | '--down' | '--text-muted' {
  const [a, b] = [x[place]!, y[place]!];
  return a > 0 && b > 0 ? '--up' : a < 0 && b < 0 ? '--down' : '--text-muted';
}

/** @returns null where no point lies within `reach` pixels */
export function nearest(
  { x, y }: Scatter,
  scale: PlotScale,
  left: number,
  top: number,
  reach: number,
): number | null {
  let best: number | null = null;
  let least = reach * reach;
  for (let place = 0; place < x.length; place++) {
    const dx = scale.x(x[place]!) - left;
    const dy = scale.y(y[place]!) - top;
    const distance = dx * dx + dy * dy;
    if (distance >= least) continue;
    least = distance;
    best = place;
  }
  return best;
}
