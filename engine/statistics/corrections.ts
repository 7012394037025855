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
  const odd = ps.find((p) => !(p >= 0 && p <= 1));
  if (odd !== undefined) throw new RangeError(`${odd} is not a probability`);
  const corrected = new Map<number, number>();
  let largest = 0;
  ps.toSorted().forEach((p, rank) => {
    largest = Math.max(largest, Math.min(1, (ps.length - rank) * p));
    // Equal ps become equal: the first of them has the largest factor.
    if (!corrected.has(p)) corrected.set(p, largest);
  });
  return ps.map((p) => corrected.get(p)!);
}
