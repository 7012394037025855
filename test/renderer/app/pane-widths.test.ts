/** The panes' widths over all windows: without a jump, never shrinking as a window grows, never without a middle. */
import { describe, expect, it } from 'vitest';
import { LIMITS, MIN_SIDE_BY_SIDE, paneWidths } from '../../../renderer/app/panes/pane-widths';

const WINDOWS = Array.from({ length: 3840 - MIN_SIDE_BY_SIDE + 1 }, (_, at) => MIN_SIDE_BY_SIDE + at);
const CHOICES = [
  { left: null, right: null },
  { left: 400, right: null },
  { left: null, right: 900 },
  { left: 560, right: 1400 },
  { left: 10, right: 10 },
];

function panes(
  window: number,
  chosen: (typeof CHOICES)[number],
): [left: number, middle: number, right: number] {
  const { left, right } = paneWidths(window, chosen);
  return [left, window - left - right - 2, right];
}

describe('pane widths', () => {
  it.each(CHOICES)('grow with the window, pixel by pixel (left $left, right $right)', (chosen) => {
    let before = panes(MIN_SIDE_BY_SIDE, chosen);
    for (const window of WINDOWS.slice(1)) {
      const now = panes(window, chosen);
      for (const [at, width] of now.entries()) {
        const grown = width - (before[at] ?? 0);
        // Rounding may take a pixel from the middle while a side gets it.
        expect(Math.abs(grown), `pane ${at} at ${window}`).toBeLessThanOrEqual(1);
        if (at !== 1) expect(grown, `pane ${at} at ${window}`).toBeGreaterThanOrEqual(0);
      }
      before = now;
    }
    const middles = WINDOWS.filter((window) => window % 20 === 0).map((window) => panes(window, chosen)[1]);
    expect(middles.toSorted((a, b) => a - b)).toEqual(middles);
  });

  it.each(CHOICES)('leave the middle its least in every window (left $left, right $right)', (chosen) => {
    for (const window of WINDOWS) {
      const [left, middle, right] = panes(window, chosen);
      expect(middle).toBeGreaterThanOrEqual(300);
      expect(left).toBeGreaterThanOrEqual(LIMITS.left.least);
      expect(right).toBeGreaterThanOrEqual(LIMITS.right.least);
    }
  });

  it('give answers room to be read at every usual size', () => {
    const usual = { left: null, right: null };
    // Three of their least width, and a scroll bar.
    expect(panes(1280, usual)[1]).toBeGreaterThanOrEqual(3 * 180 + 15);
    expect(panes(1600, usual)[1]).toBeGreaterThanOrEqual(700);
    expect(panes(1920, usual)[1]).toBeGreaterThanOrEqual(850);
  });
});
