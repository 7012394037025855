import { describe, expect, it } from 'vitest';
import { correctForVocabulary, detectableDifference, holm, mcnemar, signTest } from '../../engine/statistics';
import { normalQuantile } from '../../engine/statistics/normal-quantile';
import { expectClose, fixtures } from './fixtures';

describe("the exact McNemar and sign tests' p", () => {
  it("is SciPy's, from no change to 10,000 to 0", () => {
    for (const [b, c, p] of fixtures.mcnemar) {
      expectClose(mcnemar(b!, c!), p!);
      expectClose(signTest(c!, b!), p!);
    }
  });

  it('is that of the figures which are published of SLOT', () => {
    expect(mcnemar(6, 0)).toBe(2 ** -5);
    expect(mcnemar(3, 0)).toBe(0.25);
    expectClose(mcnemar(40, 0), 2 ** -39);
    expect(mcnemar(357, 243)).toBeCloseTo(4e-6, 6);
  });

  it('stays exact where log-factorials have lost their digits', () => {
    // P[Bin(n, ½) = n/2] → √(2/πn)·(1 − 1/4n); two-sided with one off the middle leaves that term out.
    const n = 2_000_001;
    expectClose(mcnemar((n + 1) / 2, (n - 1) / 2), 1);
    const even = 2_000_000;
    const middle = Math.sqrt(2 / (Math.PI * even)) * (1 - 1 / (4 * even));
    expectClose(mcnemar(even / 2 + 1, even / 2 - 1), 1 - middle);
  });

  it.each([
    [-1, 2],
    [0.5, 1],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
  ])('is refused of %s and %s, which are no counts', (b, c) => {
    expect(() => mcnemar(b, c)).toThrow(RangeError);
    expect(() => signTest(c, b)).toThrow(RangeError);
  });
});

describe('corrections for many tests', () => {
  it("are statsmodels' Holm, in the order of what came in", () => {
    const { ps, corrected } = fixtures.holm;
    holm(ps).forEach((p, i) => {
      expectClose(p, corrected[i]!);
    });
    correctForVocabulary(Float64Array.from(ps)).forEach((p, i) => {
      expectClose(p, corrected[i]!);
    });
    expect(holm([])).toEqual([]);
    expect(holm([0.04])).toEqual([0.04]);
  });

  it('find a token that always moves the same way among 200,000 from 23 problems on', () => {
    const corrected = (problems: number) => {
      const ps = new Float64Array(200_000).fill(1);
      ps[151_643] = signTest(problems, 0);
      return correctForVocabulary(ps);
    };
    expect(corrected(22)[151_643]).toBeGreaterThan(0.05);
    const found = corrected(23);
    expect(found[151_643]).toBe(200_000 * 2 ** -22);
    expect(found[0]).toBe(1);
  });

  it.each([Number.NaN, -0.1, 1.1])('refuse %s, which is no probability', (p) => {
    expect(() => holm([0.5, p])).toThrow(`${p} is not a probability`);
  });
});

describe('the detectable difference', () => {
  it.each([
    [30, 0.229],
    [198, 0.089],
    [500, 0.056],
    [1319, 0.034],
  ])('of %s problems is %s', (n, difference) => {
    expect(Math.round(1000 * detectableDifference(n)!)).toBe(Math.round(1000 * difference));
  });

  it('is none where even all problems changed the same way would not reach alpha', () => {
    expect(detectableDifference(0)).toBeNull();
    expect(detectableDifference(5)).toBeNull();
    expect(detectableDifference(6)).toBeGreaterThan(0);
    expect(detectableDifference(6, { alpha: 0.01 })).toBeNull();
    expect(detectableDifference(6, { discordance: 0.99, power: 0.99 })).toBeNull();
  });

  it('has the power that it says, over all that can come out', () => {
    // 20 % of 500 problems change, so many more of them for the better as the difference asks for.
    const [n, discordance] = [500, 0.2];
    const difference = detectableDifference(n)!;
    const better = (discordance + difference) / 2;
    const power = binomialMean(n, discordance, (changed) =>
      binomialMean(changed, better / discordance, (b) => (mcnemar(b, changed - b) < 0.05 ? 1 : 0)),
    );
    expect(power).toBeGreaterThan(0.76);
    expect(power).toBeLessThan(0.84);
  });

  it.each([{ power: 1 }, { alpha: 0 }, { alpha: 1 }, { discordance: 1 }, { discordance: Number.NaN }])(
    'refuses %s',
    (options) => {
      expect(() => detectableDifference(30, options)).toThrow(RangeError);
      expect(() => detectableDifference(2.5)).toThrow(RangeError);
    },
  );
});

it("the normal distribution's quantiles are SciPy's", () => {
  for (const [p, z] of fixtures.quantiles) expect(Math.abs(normalQuantile(p!) - z!)).toBeLessThan(1e-13);
  expect(() => normalQuantile(0)).toThrow(RangeError);
  expect(() => normalQuantile(1)).toThrow(RangeError);
});

/** The mean of f(X) for X ~ Bin(n, p), by the terms' ratios. */
function binomialMean(n: number, p: number, f: (k: number) => number): number {
  let term = (1 - p) ** n;
  let sum = 0;
  for (let k = 0; k <= n; k++) {
    if (term > 1e-9) sum += term * f(k);
    term *= ((n - k) / (k + 1)) * (p / (1 - p));
  }
  return sum;
}
