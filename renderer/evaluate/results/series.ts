/** Lanes as curves over steps and as a grid of steps and learning rates. */
import { describeLearning, type LaneSummary } from '../../../engine/protocol';

export interface StepSeries {
  /** What its lanes have in common besides being SLOT. */
  readonly name: string;
  /** By steps, the baseline first. */
  readonly points: readonly LaneSummary[];
}

/** SLOT's lanes that differ by their steps alone, with the baseline; of a sweep those of the half chosen on. */
export function stepSeries(lanes: readonly LaneSummary[]): StepSeries[] {
  const own = lanes.filter(({ lane, half }) => lane.origin.kind === 'own' && half !== 'report');
  const baseline = own.find(({ lane }) => lane.steps === 0);
  const series = new Map<string, LaneSummary[]>();
  for (const summary of own) {
    const { steps, lr, preset } = summary.lane;
    if (steps === 0) continue;
    const name = [`lr ${lr}`, preset, ...describeLearning(summary.lane)].join(', ');
    series.set(name, [...(series.get(name) ?? []), summary]);
  }
  return [...series]
    .map(([name, points]) => ({
      name,
      points: [...(baseline ? [baseline] : []), ...points].sort((a, b) => a.lane.steps - b.lane.steps),
    }))
    .filter(({ points }) => points.length > 1);
}

export interface SweepGrid {
  /** What its lanes have in common besides steps and lr; empty where all lanes have it. */
  readonly name: string;
  readonly steps: readonly number[];
  /** A row for each learning rate, ascending; a cell is missing where there is no such lane. */
  readonly rows: readonly { readonly lr: number; readonly cells: readonly (LaneSummary | null)[] }[];
}

/** One for each preset, weight decay and so on; those of a single learning rate alone make no grid. */
export function sweepGrids(lanes: readonly LaneSummary[]): SweepGrid[] {
  const cells = lanes.filter(
    ({ lane, half }) => lane.origin.kind === 'own' && lane.steps > 0 && half !== 'report',
  );
  const kinds = new Map<string, LaneSummary[]>();
  for (const cell of cells) {
    const name = [cell.lane.preset, ...describeLearning(cell.lane)].join(', ');
    kinds.set(name, [...(kinds.get(name) ?? []), cell]);
  }
  const grids = [...kinds].map(([name, own]) => gridOf(kinds.size === 1 ? '' : name, own));
  return grids.some(({ rows }) => rows.length > 1) ? grids : [];
}

function gridOf(name: string, cells: readonly LaneSummary[]): SweepGrid {
  const ascending = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
  const steps = ascending(cells.map(({ lane }) => lane.steps));
  const rows = ascending(cells.map(({ lane }) => lane.lr)).map((lr) => ({
    lr,
    cells: steps.map((count) => cells.find(({ lane }) => lane.steps === count && lane.lr === lr) ?? null),
  }));
  return { name, steps, rows };
}

/** Figure 1 of the paper: Qwen2.5-7B on GSM8K, 0 to 5 steps; the ends from its abstract, the rest read off the picture. */
export const PAPER = {
  right: [0.5754, 0.5815, 0.61, 0.636, 0.66, 0.6619],
  strict: [0.225, 0.305, 0.415, 0.48, 0.61, 0.72],
} as const;
