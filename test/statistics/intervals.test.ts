import { describe, expect, it } from 'vitest';
import {
  bootstrapMean,
  clusteredStandardError,
  pairedStandardError,
  standardError,
  wilson,
} from '../../engine/statistics';
import { RandomPlaces } from '../../engine/statistics/random';
import { expectClose, fixtures } from './fixtures';

const { skewed, paired } = fixtures;
const DIFFERENCES = Float64Array.from({ length: paired.n }, (_, i) =>
  i < paired.b ? 1 : i < paired.b + paired.c ? -1 : 0,
);
/** A normal bootstrap's ends of N draws vary by 2.7/√N standard errors; four times that. */
const within = (draws: number) => 11 / Math.sqrt(draws);

describe("Wilson's interval", () => {
  it("is statsmodels', of none, of all, and of averaged samples", () => {
    for (const [count, of, z, lower, upper] of fixtures.wilson) {
      const interval = wilson(count!, of!, z);
      expect(Math.abs(interval.lower - lower!)).toBeLessThan(1e-14);
      expect(Math.abs(interval.upper - upper!)).toBeLessThan(1e-14);
    }
  });

  it('has 95 % unless told otherwise', () => {
    expect(wilson(759, 1319)).toEqual(wilson(759, 1319, fixtures.wilson[0]![2]));
  });

  it('knows nothing of no problems', () => {
    expect(wilson(0, 0)).toEqual({ lower: 0, upper: 1 });
  });

  it.each([
    [-1, 3],
    [4, 3],
    [Number.NaN, 3],
    [0, Number.NaN],
  ])('refuses %s of %s', (count, of) => {
    expect(() => wilson(count, of)).toThrow(RangeError);
  });
});

describe('standard errors', () => {
  it("are SciPy's sem", () => {
    expectClose(standardError(skewed.values), skewed.error);
    expectClose(standardError(DIFFERENCES), paired.error);
  });

  it('of paired verdicts come from b and c alone', () => {
    const { b, c, n } = paired;
    expectClose(pairedStandardError(DIFFERENCES), Math.sqrt((b + c - (b - c) ** 2 / n) / (n * (n - 1))));
    expectClose(pairedStandardError(DIFFERENCES), paired.error);
    expectClose(pairedStandardError(skewed.values), skewed.error);
  });

  it("by cluster are statsmodels', and the plain one with a cluster for each", () => {
    expectClose(clusteredStandardError(skewed.values, skewed.subjects), skewed.clusteredError);
    expectClose(
      clusteredStandardError(
        skewed.values,
        skewed.values.map((_, i) => i),
      ),
      skewed.error,
    );
  });

  it('are not known of one value, or one cluster', () => {
    expect(standardError([1])).toBeNaN();
    expect(pairedStandardError([1])).toBeNaN();
    expect(clusteredStandardError([1, 2], ['a', 'a'])).toBeNaN();
    expect(() => clusteredStandardError([1, 2], ['a'])).toThrow('1 clusters for 2 values');
  });
});

describe('the bootstrap of a mean', () => {
  it('of paired differences has the closed form for its width', () => {
    const { lower, upper, mean } = bootstrapMean(DIFFERENCES, { draws: 2_000 });
    expectClose(mean, (paired.b - paired.c) / paired.n);
    const error = pairedStandardError(DIFFERENCES);
    expectEnds({ lower, upper }, { lower: mean - 1.96 * error, upper: mean + 1.96 * error }, error, 2_000);
    expectEnds({ lower, upper }, paired.interval, error, 2_000);
  });

  it("of skewed values is NumPy's, problem by problem and cluster by cluster", () => {
    const { values, subjects, error, clusteredError } = skewed;
    for (const seed of [0, 1, 2 ** 40]) {
      expectEnds(bootstrapMean(values, { draws: 10_000, seed }), skewed.interval, error);
      const clustered = bootstrapMean(values, { draws: 10_000, seed, clusters: subjects });
      expectEnds(clustered, skewed.clusteredInterval, clusteredError);
    }
  });

  it("draws the places of PractRand's sfc32", () => {
    for (const { seed, places } of fixtures.places) {
      const random = new RandomPlaces(seed);
      const [first, second] = [new Uint32Array(100), new Uint32Array(100)];
      random.fill(first);
      random.fill(second);
      expect([...first, ...second]).toEqual(places);
    }
  });

  it('is the same for the same seed, and another for another', () => {
    const of = (seed: number) => bootstrapMean(skewed.values, { draws: 500, seed });
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
    expect(of(7)).not.toEqual(of(7 + 2 ** 32));
  });

  it('takes the ends in proportion between two means, as NumPy does', () => {
    // numpy.percentile([0, 1], [2.5, 97.5]), of the two means of a seed that draws both values once.
    expect(bootstrapMean([0, 1], { draws: 2, seed: 4 })).toEqual({
      lower: 0.025,
      upper: 0.975,
      mean: 0.5,
    });
  });

  it('of values that are all equal has no width, and of none is not known', () => {
    expect(bootstrapMean([0.5, 0.5, 0.5], { draws: 10 })).toEqual({ lower: 0.5, upper: 0.5, mean: 0.5 });
    expect(bootstrapMean([], { draws: 10 })).toEqual({
      lower: Number.NaN,
      upper: Number.NaN,
      mean: Number.NaN,
    });
    expect(bootstrapMean([3, 4], { draws: 10, clusters: ['a', 'a'] })).toEqual({
      lower: 3.5,
      upper: 3.5,
      mean: 3.5,
    });
  });

  it('refuses no draws, and clusters that are not one a value', () => {
    expect(() => bootstrapMean([1], { draws: 0 })).toThrow(RangeError);
    expect(() => bootstrapMean([1], { draws: 10, clusters: [] })).toThrow('0 clusters for 1 values');
  });
});

function expectEnds(
  actual: { lower: number; upper: number },
  expected: { lower: number; upper: number },
  error: number,
  draws = 10_000,
): void {
  expect(Math.abs(actual.lower - expected.lower) / error).toBeLessThan(within(draws));
  expect(Math.abs(actual.upper - expected.upper) / error).toBeLessThan(within(draws));
}
