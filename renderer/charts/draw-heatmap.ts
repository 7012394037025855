/** Paints the cells of the token × step heatmap. */
import { depthOf } from '../run/vocabulary/heatmap';

export interface HeatmapCells {
  /** By row, then by step from 1; null where a step was not kept. */
  readonly rows: readonly (readonly (number | null)[])[];
  readonly largest: number;
}

/** Custom properties of the style sheet by what they colour. */
export const HEATMAP_COLOURS = {
  up: '--up',
  down: '--down',
  none: '--surface-sunk',
  absent: '--line',
} as const;

export type HeatmapColours = Readonly<Record<keyof typeof HEATMAP_COLOURS, string>>;

export const ROW = 17;
/** Below this width a cell has no room for its hatching. */
const HATCHED_FROM = 7;

export function drawHeatmap(
  canvas: HTMLCanvasElement,
  { rows, largest }: HeatmapCells,
  width: number,
  colours: HeatmapColours,
): void {
  const scale = window.devicePixelRatio || 1;
  const height = rows.length * ROW;
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(scale, scale);
  for (const [row, values] of rows.entries()) {
    const cell = width / values.length;
    const gap = cell > 4 ? 1 : 0;
    for (const [column, value] of values.entries()) {
      const x = column * cell;
      const y = row * ROW;
      const depth = value === null ? 0 : depthOf(value, largest);
      const colour = depth < 0 ? colours.down : colours.up;
      context.globalAlpha = 1;
      context.fillStyle = value === null ? colours.absent : colours.none;
      // Half a pixel more, so that cells without a gap leave no seam.
      context.fillRect(x, y, cell - gap + (gap === 0 ? 0.5 : 0), ROW - 1);
      context.globalAlpha = Math.abs(depth);
      context.fillStyle = colour;
      context.fillRect(x, y, cell - gap + (gap === 0 ? 0.5 : 0), ROW - 1);
      if (depth < 0 && cell >= HATCHED_FROM) hatch(context, x, y, cell - gap, colours.none);
    }
  }
  context.globalAlpha = 1;
}

/** Falling values are hatched, so that the sign is told without colour. */
function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, colour: string): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, ROW - 1);
  context.clip();
  context.globalAlpha = 0.45;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let from = x - ROW; from < x + width; from += 5) {
    context.moveTo(from, y + ROW);
    context.lineTo(from + ROW, y);
  }
  context.stroke();
  context.restore();
}
