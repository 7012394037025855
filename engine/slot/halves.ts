/** A random half of the targets to learn from, and the other to be measured on. */
import { uniformDraws } from './normal';
import type { Fit } from './objective';

/**
 * The targets in the order of as many draws of NumPy's `RandomState(seed).random_sample(n)`: the first half is learned
 * from, with one more where they are odd. Targets of weight 0 are in neither.
 * @param weights [targets] at least two above 0 @param seed 32 bits, unsigned
 */
export function inHalves(weights: readonly number[], seed: number): Required<Fit> {
  const counting = [...weights.keys()].filter((i) => weights[i]! > 0);
  const draws = uniformDraws(seed, counting.length);
  const order = [...counting.keys()].sort((a, b) => draws[a]! - draws[b]!).map((at) => counting[at]!);
  const fitted = new Set(order.slice(0, Math.ceil(order.length / 2)));
  return {
    weights: weights.map((weight, i) => (fitted.has(i) ? weight : 0)),
    heldOut: weights.map((weight, i) => (fitted.has(i) ? 0 : weight)),
  };
}
