import { RandomPlaces } from './random';
import type { Interval } from './rates';
import { byCluster, type Cluster, mean, type Values } from './standard-errors';

export interface BootstrapOptions {
  readonly draws: number;
  /** a whole number; the same seed gives the same interval */
  readonly seed?: number;
  /** one for each value: whole clusters are resampled */
  readonly clusters?: readonly Cluster[];
}

export interface MeanInterval extends Interval {
  readonly mean: number;
}

/**
 * The mean over problems with its 95 % percentile interval by the bootstrap (Efron 1979): problems are drawn again with
 * replacement, or whole clusters of them, and the 2.5 % and 97.5 % points of the means are taken. Pairs stay pairs
 * where the values are differences. All NaN without values; where all values are equal it has no width, which says
 * little of so few or so like problems.
 * @param values one a problem; several samples of a problem are averaged before
 * @throws RangeError for less than one draw, or clusters that are not one a value
 */
export function bootstrapMean(values: Values, options: BootstrapOptions): MeanInterval {
  const { draws, seed = 0, clusters } = options;
  if (!Number.isSafeInteger(draws) || draws < 1) throw new RangeError(`${draws} is no number of draws`);
  const random = new RandomPlaces(seed);
  const means = new Float64Array(draws);
  if (clusters) drawClusters(means, byCluster(values, clusters), random);
  else drawValues(means, Float64Array.from(values), random);
  means.sort();
  return { lower: quantile(means, 0.025), upper: quantile(means, 0.975), mean: mean(values) };
}

function drawValues(means: Float64Array, values: Float64Array, random: RandomPlaces): void {
  const places = new Uint32Array(values.length);
  for (let draw = 0; draw < means.length; draw++) {
    random.fill(places);
    let sum = 0;
    for (let i = 0; i < places.length; i++) sum += values[places[i]!]!;
    means[draw] = sum / values.length;
  }
}

/** Clusters are not equally large: the mean is that of all values drawn. */
function drawClusters(
  means: Float64Array,
  { sums, sizes }: ReturnType<typeof byCluster>,
  random: RandomPlaces,
): void {
  const places = new Uint32Array(sums.length);
  for (let draw = 0; draw < means.length; draw++) {
    random.fill(places);
    let sum = 0;
    let size = 0;
    for (const cluster of places) {
      sum += sums[cluster]!;
      size += sizes[cluster]!;
    }
    means[draw] = sum / size;
  }
}

/** The point below which a share q of sorted values lies, between two of them in proportion, as NumPy's default. */
function quantile(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return low + (high - low) * (place - below);
}
