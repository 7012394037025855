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
  const next = randomIndices(seed);
  const means = clusters
    ? clusterMeans(byCluster(values, clusters), draws, next)
    : valueMeans(Float64Array.from(values), draws, next);
  means.sort();
  return { lower: quantile(means, 0.025), upper: quantile(means, 0.975), mean: mean(values) };
}

type NextIndex = (below: number) => number;

function valueMeans(values: Float64Array, draws: number, next: NextIndex): Float64Array {
  const n = values.length;
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[next(n)]!;
    means[draw] = sum / n;
  }
  return means;
}

function clusterMeans(
  { sums, sizes }: ReturnType<typeof byCluster>,
  draws: number,
  next: NextIndex,
): Float64Array {
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    let size = 0;
    for (let i = 0; i < sums.length; i++) {
      const cluster = next(sums.length);
      sum += sums[cluster]!;
      size += sizes[cluster]!;
    }
    means[draw] = sum / size;
  }
  return means;
}

/** The point below which a share q of sorted values lies, between two of them in proportion, as NumPy's default. */
function quantile(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return low + (high - low) * (place - below);
}

/** Chris Doty-Humphrey's sfc32: 32 bits at a time, fast, and good to far more numbers than are drawn here. */
function randomIndices(seed: number): NextIndex {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = 0;
  let counter = 1;
  const index = (below: number) => {
    const word = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + word;
    return Math.floor(((word >>> 0) * below) / 2 ** 32);
  };
  for (let i = 0; i < 15; i++) index(1);
  return index;
}
