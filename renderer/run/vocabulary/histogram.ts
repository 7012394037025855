/** How a metric is spread over the whole vocabulary: bins, mean and standard deviation. */

export interface Histogram {
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
  readonly mean: number;
  /** Over the tokens themselves, not weighted by probability. */
  readonly sigma: number;
}

/** Equal bins from the least to the greatest value; values that are no finite numbers are left out. */
export function histogramOf(values: Float32Array, bins: number): Histogram {
  const { low, high, mean, sigma } = spreadOf(values);
  const counts = new Array<number>(bins).fill(0);
  const width = (high - low) / bins || 1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins - 1, Math.floor((value - low) / width));
    counts[bin]! += 1;
  }
  return { low, high, counts, mean, sigma };
}

export interface Spread {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  readonly sigma: number;
}

/** In two passes, so that a small spread around a large mean is not lost. All 0 where there is no finite value. */
export function spreadOf(values: ArrayLike<number>): Spread {
  let count = 0;
  let sum = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Number.isFinite(value)) continue;
    count += 1;
    sum += value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (count === 0) return { low: 0, high: 0, mean: 0, sigma: 0 };
  const mean = sum / count;
  let squares = 0;
  for (let at = 0; at < values.length; at++) {
    const distance = values[at]! - mean;
    if (Number.isFinite(distance)) squares += distance * distance;
  }
  return { low, high, mean, sigma: Math.sqrt(squares / count) };
}
