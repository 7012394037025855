import { mcnemar } from './binomial';
import { normalQuantile } from './normal-quantile';

export interface DetectableOptions {
  /** the chance to see a difference of that size; 0.8 */
  readonly power?: number;
  /** the share of problems that only one of the two lanes answers right; 0.2 */
  readonly discordance?: number;
  /** two-sided; 0.05 */
  readonly alpha?: number;
}

/**
 * The smallest difference of two lanes' accuracies over the same n problems that McNemar's test sees with the given
 * power: (z_{1−alpha/2} + z_power)·√(discordance/n), the normal approximation with the null's variance (Miettinen
 * 1968), a little above Connor's (1987) that takes the alternative's. As a fraction: .056 are 5.6 points. A difference
 * cannot exceed the discordance: where the result does, more problems have to change than was supposed.
 * @returns null where no difference can be seen: even n changes the same way do not reach alpha
 * @throws RangeError for options that are no shares, or n that is no count
 */
export function detectableDifference(n: number, options: DetectableOptions = {}): number | null {
  const { power = 0.8, discordance = 0.2, alpha = 0.05 } = options;
  for (const share of [power, discordance, alpha]) {
    if (!(share > 0 && share < 1)) throw new RangeError(`${share} is not between 0 and 1`);
  }
  if (mcnemar(n, 0) > alpha) return null;
  const difference = (normalQuantile(1 - alpha / 2) + normalQuantile(power)) * Math.sqrt(discordance / n);
  return difference > 1 ? null : difference;
}
