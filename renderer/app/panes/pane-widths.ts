/** How wide the panes are: they grow with the window without a jump, and the middle is never squeezed out. */
import type { PaneWidths } from '../../state/vocabulary-state';

/** In CSS pixels, as all widths here. */
export const LIMITS = { left: { least: 240, most: 560 }, right: { least: 320, most: 1400 } } as const;
const MIN_MIDDLE = 300;
const SEPARATORS = 2;
/** A narrower window shows one pane at a time. */
export const MIN_SIDE_BY_SIDE = LIMITS.left.least + LIMITS.right.least + MIN_MIDDLE + SEPARATORS;

/** Settings need no more room than this, however wide the window. */
const USUAL_MOST_LEFT = 400;
/** Beyond so much spare room answers have their measure, and charts take more of it. */
const AMPLE = 600;

export interface FittingWidths {
  readonly left: number;
  readonly right: number;
}

/**
 * @param room the window's own width
 * @param chosen what the user dragged; null is the usual width
 */
export function paneWidths(room: number, chosen: PaneWidths): FittingWidths {
  const spare = Math.max(0, room - MIN_SIDE_BY_SIDE);
  const usualLeft = Math.min(USUAL_MOST_LEFT, LIMITS.left.least + 0.14 * spare);
  const usualRight = LIMITS.right.least + 0.24 * spare + 0.2 * Math.max(0, spare - AMPLE);
  const left = within(LIMITS.left, chosen.left ?? usualLeft);
  const right = within(LIMITS.right, chosen.right ?? usualRight);
  // Widths of a larger window must not leave a smaller one without its middle: the charts give way first.
  const sides = room - SEPARATORS - MIN_MIDDLE;
  const fittingRight = Math.max(LIMITS.right.least, Math.min(right, sides - left));
  const fittingLeft = Math.max(LIMITS.left.least, Math.min(left, sides - fittingRight));
  return { left: Math.floor(fittingLeft), right: Math.floor(fittingRight) };
}

function within({ least, most }: { readonly least: number; readonly most: number }, width: number): number {
  return Math.max(least, Math.min(most, width));
}
