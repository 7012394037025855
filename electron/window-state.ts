/** Remembers where the window was, and brings it back onto a screen that may have changed since. */
import { dirname } from 'node:path';
import type { Rectangle } from 'electron';
import { z } from 'zod';
import { readJson } from '../engine/files/read';
import { createFolder, writeWhole } from '../engine/files/write';

const Bounds = z.object({
  x: z.int().min(-100_000).max(100_000),
  y: z.int().min(-100_000).max(100_000),
  width: z.int().min(1).max(100_000),
  height: z.int().min(1).max(100_000),
});
const WindowState = z.object({ bounds: Bounds, maximized: z.boolean() });
type WindowState = z.infer<typeof WindowState>;

/** The page has room in it at any zoom up to 200 %: test/e2e/layout.test.ts holds it to that. */
export const MINIMUM = { width: 720, height: 480 } as const;
const DEFAULT = { width: 1360, height: 900 } as const;

const MAX_BYTES = 2 ** 16;

/** How much of a window must be seen for it to count as on a screen, in pixels. */
const VISIBLE = 100;

/** The saved state, or null where there is none that can be read. */
export function readWindowState(file: string): WindowState | null {
  return readJson(file, MAX_BYTES, WindowState) ?? null;
}

/** Whole or not at all: a window that closes while the machine goes down must not leave half a file. */
export function writeWindowState(file: string, state: WindowState): void {
  createFolder(dirname(file));
  writeWhole(file, JSON.stringify(state));
}

/** Bounds that fit a screen. `workAreas`: those of all screens, the primary one first. */
export function fitBounds(saved: Rectangle | null, workAreas: readonly Rectangle[]): Rectangle {
  const primary = workAreas[0] ?? { x: 0, y: 0, ...DEFAULT };
  const home = saved === null ? undefined : workAreas.find((area) => isSeenOn(saved, area));
  const area = home ?? primary;
  const width = clamp(saved?.width ?? DEFAULT.width, MINIMUM.width, area.width);
  const height = clamp(saved?.height ?? DEFAULT.height, MINIMUM.height, area.height);
  if (saved !== null && home !== undefined) {
    return {
      x: clamp(saved.x, area.x, area.x + area.width - width),
      y: clamp(saved.y, area.y, area.y + area.height - height),
      width,
      height,
    };
  }
  return {
    x: area.x + Math.max(0, Math.round((area.width - width) / 2)),
    y: area.y + Math.max(0, Math.round((area.height - height) / 2)),
    width,
    height,
  };
}

function isSeenOn(window: Rectangle, area: Rectangle): boolean {
  const across = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  const down = Math.min(window.y + window.height, area.y + area.height) - Math.max(window.y, area.y);
  return across >= VISIBLE && down >= VISIBLE;
}

/** `low` where it is above `high`. */
function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
