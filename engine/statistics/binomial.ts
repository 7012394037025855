/** Exact two-sided tests of "as often up as down": McNemar's over pairs of verdicts, the sign test over differences. */

/**
 * The exact McNemar test of two lanes over the same problems: under the null each of the b + c problems that only one
 * of them answers right is as likely one lane's as the other's, p = min(1, 2·P[Bin(b + c, ½) ≤ min(b, c)]).
 * McNemar 1947; the same as scipy.stats.binomtest(min(b, c), b + c).
 * @param b problems that only the first lane answers right
 * @param c problems that only the second lane answers right
 * @returns p; 1 where no problem changed
 * @throws RangeError unless both are whole numbers from 0
 */
export function mcnemar(b: number, c: number): number {
  return twoSided(b, c);
}

/**
 * The exact sign test: is a difference as often above as below 0? Zeros are left out beforehand (Dixon & Mood 1946).
 * @throws RangeError unless both are whole numbers from 0
 */
export function signTest(up: number, down: number): number {
  return twoSided(up, down);
}

function twoSided(a: number, b: number): number {
  for (const count of [a, b]) {
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`${count} is not a count`);
  }
  const n = a + b;
  const k = Math.min(a, b);
  return 2 * k >= n ? 1 : Math.min(1, 2 * lowerTail(n, k));
}

/** P[Bin(n, ½) ≤ k] for k < n/2: the largest term first, the others by their ratios until they no longer count. */
function lowerTail(n: number, k: number): number {
  let term = probability(n, k);
  let sum = term;
  for (let i = k; i > 0 && term > sum * Number.EPSILON; i--) {
    term *= i / (n - i + 1);
    sum += term;
  }
  return sum;
}

/**
 * P[Bin(n, ½) = k] by Loader's saddle point (2000, "Fast and accurate computation of binomial probabilities"), where
 * the large parts of the log-factorials cancel before they are rounded.
 */
function probability(n: number, k: number): number {
  if (k === 0) return 2 ** -n;
  const off = (2 * k - n) / n;
  const deviance = k * Math.log1p(off) + (n - k) * Math.log1p(-off);
  const errors = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  return Math.sqrt(n / (2 * Math.PI * k * (n - k))) * Math.exp(errors - deviance);
}

/** ln n! less Stirling's (n + ½)·ln n − n + ½·ln 2π. */
function stirlingError(n: number): number {
  if (n >= SMALL) return series(n);
  // From the series' value downwards: the error of n less that of n + 1 is (n + ½)·ln(1 + 1/n) − 1.
  let error = series(SMALL);
  for (let i = n; i < SMALL; i++) error += (i + 0.5) * Math.log1p(1 / i) - 1;
  return error;
}

const SMALL = 16;

function series(n: number): number {
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}
