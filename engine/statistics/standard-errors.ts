/** Standard errors of a mean over problems, in the unit of the values. All are NaN where two values are lacking. */

/** A group that problems belong to, such as a subject. */
export type Cluster = string | number;

export type Values = Float64Array | readonly number[];

/** Sample standard deviation (n − 1) over √n, as lm-evaluation-harness's mean_stderr. */
export function standardError(values: Values): number {
  const n = values.length;
  if (n < 2) return Number.NaN;
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  return Math.sqrt(squares / (n - 1) / n);
}

/**
 * The standard error of a mean paired difference, √((Σd² − (Σd)²/n) / (n(n−1))): for differences of two verdicts
 * (1, 0, −1), Σd² is b + c and Σd is b − c. A closed form to hold a bootstrap against; it equals
 * `standardError` of the same differences.
 */
export function pairedStandardError(differences: Values): number {
  const n = differences.length;
  if (n < 2) return Number.NaN;
  let sum = 0;
  let squares = 0;
  for (const difference of differences) {
    sum += difference;
    squares += difference ** 2;
  }
  return Math.sqrt(Math.max(0, squares - sum ** 2 / n) / (n * (n - 1)));
}

/**
 * The standard error where problems of a cluster hang together: √(G/(G−1) · Σ_g (Σ_{i in g} (x_i − x̄))²) / n, the
 * cluster-robust variance of Liang & Zeger 1986 with the correction for G clusters that statsmodels makes. With one
 * problem in each cluster it is `standardError`. With fewer than some ten clusters it is too small.
 * @param clusters one for each value
 * @throws RangeError unless there are as many clusters as values
 */
export function clusteredStandardError(values: Values, clusters: readonly Cluster[]): number {
  const { sums, sizes } = byCluster(values, clusters);
  if (sums.length < 2) return Number.NaN;
  const centre = mean(values);
  let squares = 0;
  for (let g = 0; g < sums.length; g++) squares += (sums[g]! - sizes[g]! * centre) ** 2;
  return Math.sqrt((sums.length / (sums.length - 1)) * squares) / values.length;
}

/** NaN of no values. */
export function mean(values: Values): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * The sum and the number of values of each cluster, in the order in which clusters first appear.
 * @throws RangeError unless there are as many clusters as values
 */
export function byCluster(values: Values, clusters: readonly Cluster[]) {
  if (clusters.length !== values.length)
    throw new RangeError(`${clusters.length} clusters for ${values.length} values`);
  const places = new Map<Cluster, number>();
  for (const cluster of clusters) if (!places.has(cluster)) places.set(cluster, places.size);
  const sums = new Float64Array(places.size);
  const sizes = new Float64Array(places.size);
  clusters.forEach((cluster, i) => {
    const place = places.get(cluster)!;
    sums[place]! += values[i]!;
    sizes[place]! += 1;
  });
  return { sums, sizes };
}
