/** Deltas that are not SLOT's, and a temperature instead of one: what SLOT's effect is compared with. */
import { normalDraws } from './normal';

/** L2, in float64. */
export function norm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! ** 2;
  return Math.sqrt(sum);
}

/**
 * A direction that knows nothing of the prompt: standard normal draws, scaled to delta's L2 norm.
 * @param delta [d] @param seed 32 bits, unsigned: the draws are NumPy's `RandomState(seed).standard_normal(d)`
 * @returns [d]
 */
export function randomLike(delta: Float32Array, seed: number): Float32Array {
  const draws = normalDraws(seed, delta.length);
  const scale = norm(delta) / norm(draws);
  return Float32Array.from(draws, (draw) => scale * draw);
}

/** @param delta [d] @returns [d] */
export function negated(delta: Float32Array): Float32Array {
  return scaledBy(delta, -1);
}

/** @param delta [d] @returns [d] */
export function scaledBy(delta: Float32Array, factor: number): Float32Array {
  return delta.map((value) => factor * value);
}

/**
 * Σ factor·vector, in float64.
 * @param terms at least one, of vectors [d] @returns [d]
 */
export function combined(
  terms: readonly { readonly factor: number; readonly delta: Float32Array }[],
): Float32Array {
  const sum = new Float64Array(terms[0]!.delta.length);
  for (const { factor, delta } of terms) for (let i = 0; i < sum.length; i++) sum[i]! += factor * delta[i]!;
  return Float32Array.from(sum);
}

/**
 * delta - m·(m·delta)/(m·m) with m [d] the mean of W's rows, each row counting the same: the projection of delta onto
 * what leaves the mean of W·delta over the vocabulary at 0. Of the directions that move the mean logit, m is the one
 * that a delta of unit norm moves it farthest along.
 * @param delta [d] @param meanRow m: Wᵀ·1 / V @returns [d]
 */
export function withoutMeanShift(delta: Float32Array, meanRow: Float32Array): Float32Array {
  let [along, square] = [0, 0];
  for (let i = 0; i < delta.length; i++) {
    along += meanRow[i]! * delta[i]!;
    square += meanRow[i]! ** 2;
  }
  const factor = square === 0 ? 0 : along / square;
  return delta.map((value, i) => value - factor * meanRow[i]!);
}

/**
 * The mean of the vectors, as it is: shorter than they are on average where they disagree.
 * @param deltas at least one, [d] each @returns [d]
 */
export function meanDelta(deltas: readonly Float32Array[]): Float32Array {
  const sum = new Float64Array(deltas[0]!.length);
  for (const delta of deltas) for (let i = 0; i < sum.length; i++) sum[i]! += delta[i]!;
  return Float32Array.from(sum, (value) => value / deltas.length);
}

export interface TemperatureMatch {
  readonly temperature: number;
  /** The mean entropy at that temperature, nats. */
  readonly entropy: number;
  /** Whether that is the target; otherwise the temperature is the end of the range that comes nearest. */
  readonly isReached: boolean;
}

/** Beyond them a softmax is an argmax, or uniform. */
const TEMPERATURES = { lowest: 0.02, highest: 50 } as const;
/** Nats. */
const TOLERANCE = 1e-5;
const MAX_PASSES = 60;

/**
 * The temperature T at which the mean entropy of softmax(logits / T) over the positions is `target`. Entropy grows with
 * T, so there is one at most: Newton's steps in log T, and bisection where they leave the bracket or help too little.
 * @param positions streams [V] logits, or log-probabilities, of each of at least one position, anew for each pass
 * @param target nats
 */
export async function matchedTemperature(
  positions: () => AsyncIterable<Float32Array>,
  target: number,
): Promise<TemperatureMatch> {
  const [first, last] = [Math.log(TEMPERATURES.lowest), Math.log(TEMPERATURES.highest)];
  let [low, high] = [first, last];
  let at = 0;
  let missedBefore = Number.POSITIVE_INFINITY;
  for (let pass = 1; ; pass++) {
    const temperature = Math.exp(at);
    const { entropy, slope } = await meanEntropy(positions(), temperature);
    const missed = target - entropy;
    if (Math.abs(missed) <= TOLERANCE) return { temperature, entropy, isReached: true };
    const isBeyond = missed < 0 ? at === first : at === last;
    if (isBeyond || pass === MAX_PASSES) return { temperature, entropy, isReached: false };
    if (missed > 0) low = at;
    else high = at;
    const newton = at + missed / slope;
    const converges = Math.abs(missed) < missedBefore / 2;
    if (newton > low && newton < high && converges) at = newton;
    else if (newton >= last && high === last) at = last;
    else if (newton <= first && low === first) at = first;
    else at = (low + high) / 2;
    missedBefore = Math.abs(missed);
  }
}

/** The mean over positions of the entropy of softmax(logits / T), and its derivative by log T. */
export async function meanEntropy(
  positions: AsyncIterable<Float32Array>,
  temperature: number,
): Promise<{ entropy: number; slope: number }> {
  let [count, entropy, slope] = [0, 0, 0];
  for await (const logits of positions) {
    const own = entropyOf(logits, temperature);
    count++;
    entropy += own.entropy;
    slope += own.slope;
  }
  return { entropy: entropy / count, slope: slope / count };
}

/** H(softmax(x)) with x = logits / T; its derivative by log T is the variance of x under that softmax. */
function entropyOf(logits: Float32Array, temperature: number): { entropy: number; slope: number } {
  let largest = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) if (logits[id]! > largest) largest = logits[id]!;
  let [sum, first, second] = [0, 0, 0];
  for (let id = 0; id < logits.length; id++) {
    const x = (logits[id]! - largest) / temperature;
    const weight = Math.exp(x);
    // A logit of minus infinity has no part in it.
    if (weight === 0) continue;
    sum += weight;
    first += weight * x;
    second += weight * x * x;
  }
  const mean = first / sum;
  return { entropy: Math.log(sum) - mean, slope: second / sum - mean * mean };
}
