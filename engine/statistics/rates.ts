/** What a share of n problems says of the rate behind it. */

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** The 97.5 % point of the normal distribution: two-sided intervals at 95 %. */
const Z95 = 1.959963984540054;

/**
 * Wilson's score interval of a rate (Wilson 1927): (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).
 * @param count problems answered right; a fraction where several samples of a problem are averaged, which makes the
 * interval wider than it need be
 * @param of problems; 0 gives 0..1
 * @throws RangeError unless 0 ≤ count ≤ of
 */
export function wilson(count: number, of: number, z: number = Z95): Interval {
  if (!(count >= 0 && count <= of && of < Number.POSITIVE_INFINITY))
    throw new RangeError(`${count} of ${of} is not a share`);
  const rate = count / of;
  const square = z * z;
  const centre = rate + square / (2 * of);
  const half = z * Math.sqrt((rate * (1 - rate)) / of + square / (4 * of * of));
  const scale = 1 + square / of;
  // Exact at the ends, where rounding would miss them; of 0 both are.
  return {
    lower: count === 0 ? 0 : Math.max(0, (centre - half) / scale),
    upper: count === of ? 1 : Math.min(1, (centre + half) / scale),
  };
}
