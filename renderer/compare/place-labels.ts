/** Names beside their points, the farthest out first; one that would cover another is left away. */
import { visibleToken } from '../../engine/protocol';
import { MARGIN, type PlotScale } from './plot-scale';
import type { Scatter } from './scatter';

export interface Label {
  readonly place: number;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end';
}

const MAX_LABEL = 16;
const LETTER_PX = 6.7;
const LINE_PX = 13;
const GAP_PX = 5;

export function placeLabels(scatter: Scatter, places: readonly number[], scale: PlotScale): Label[] {
  const taken: { left: number; right: number; top: number }[] = [];
  return places.flatMap((place) => {
    const text = visibleToken(scatter.tokens[place] ?? '', MAX_LABEL);
    const width = text.length * LETTER_PX;
    const at = scale.x(scatter.x[place] ?? 0);
    const fitsRight = at + GAP_PX + width < scale.size.width - MARGIN.right;
    const left = fitsRight ? at + GAP_PX : at - GAP_PX - width;
    const top = scale.y(scatter.y[place] ?? 0) - LINE_PX / 2;
    const covers = taken.some(
      (other) => left < other.right && left + width > other.left && Math.abs(top - other.top) < LINE_PX,
    );
    if (covers || left < MARGIN.left - 30) return [];
    taken.push({ left, right: left + width, top });
    const anchor = fitsRight ? ('start' as const) : ('end' as const);
    return [{ place, text, x: fitsRight ? left : left + width, y: top + LINE_PX * 0.8, anchor }];
  });
}
