/** A metric of a few tokens over all steps: the cells of the heatmap, and the lines of watched tokens. */
import type { Metric } from './metrics';

/** One token's figures after each kept step, as the engine gives them. */
export interface TokenSeries {
  readonly id: number;
  /** Updates of delta after which the first kept values are. */
  readonly first: number;
  /** What softmax ignores of each step's shift. */
  readonly shiftMean: Float32Array;
  readonly shift: Float32Array;
  readonly meanP: Float32Array;
  readonly rank: Float32Array;
  readonly baseMeanP: number;
  readonly baseRank: number;
}

/** The metrics that every step has; the others are of the answer, which only the last delta wrote. */
export const STEP_METRICS = ['raw', 'centred', 'mass', 'rank'] as const satisfies readonly Metric[];
export type StepMetric = (typeof STEP_METRICS)[number];

export function isStepMetric(metric: Metric): metric is StepMetric {
  return (STEP_METRICS as readonly Metric[]).includes(metric);
}

/**
 * Entry s is the value after s updates: 0 before the first, null where a step's vectors were not kept.
 * @param steps how many there are
 */
export function valuesByStep(series: TokenSeries, metric: StepMetric, steps: number): (number | null)[] {
  const after = Array.from({ length: steps }, (_, step) => {
    const at = step + 1 - series.first;
    const shift = series.shift[at];
    if (shift === undefined) return null;
    switch (metric) {
      case 'raw':
        return shift;
      case 'centred':
        return shift - series.shiftMean[at]!;
      case 'mass':
        return series.meanP[at]! - series.baseMeanP;
      default:
        return series.baseRank - series.rank[at]!;
    }
  });
  return [0, ...after];
}

/**
 * The rows of the heatmap: those that a metric moved most, up and down alike, and the watched ones, each once.
 * @param up ids by value, largest first
 * @param down ids by value, smallest first
 */
export function heatmapRows(
  up: readonly number[],
  down: readonly number[],
  watched: readonly number[],
  values: Float32Array,
): number[] {
  const ids = new Set([...up, ...down, ...watched]);
  return [...ids].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
}

/** -1 to 1: how deep a cell's colour is, by the square root so that small values are told from none. */
export function depthOf(value: number, largest: number): number {
  if (largest === 0 || !Number.isFinite(value)) return 0;
  return Math.sign(value) * Math.sqrt(Math.min(1, Math.abs(value) / largest));
}
