/** p-values of many tests at once. */

/**
 * Holm's step-down correction (1979): with the ps in rising order, the i-th becomes the largest of (m − j)·p_j, j ≤ i,
 * at most 1. What is below .05 afterwards may be claimed together: the chance of even one false claim is below 5 %,
 * however the tests hang together.
 * @returns in the order of `ps`
 * @throws RangeError for what is no probability
 */
export function holm(ps: readonly number[]): number[] {
  return [...correct(Float64Array.from(ps))];
}

/**
 * The correction for a test of every token of a vocabulary: Holm's. What is claimed afterwards is about single, named
 * tokens, so each has to stand; the shifts W·delta of all tokens share few dimensions, and Holm's holds under any
 * dependence, where Benjamini and Hochberg's does not and Benjamini and Yekutieli's gives up a factor ln V. It costs
 * problems: an exact sign test over n problems has no p below 2^(1−n), so that 200,000 tokens need 23 problems before
 * one that always moves the same way can be told from chance.
 * @returns in the order of `ps`
 * @throws RangeError for what is no probability
 */
export function correctForVocabulary(ps: Float64Array | readonly number[]): Float64Array {
  return correct(Float64Array.from(ps));
}

function correct(ps: Float64Array): Float64Array {
  const m = ps.length;
  const order = new Uint32Array(m);
  ps.forEach((p, i) => {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`${p} is not a probability`);
    order[i] = i;
  });
  order.sort((a, b) => ps[a]! - ps[b]!);
  const corrected = new Float64Array(m);
  let largest = 0;
  order.forEach((place, rank) => {
    largest = Math.max(largest, (m - rank) * ps[place]!);
    corrected[place] = Math.min(1, largest);
  });
  return corrected;
}
