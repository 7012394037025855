/** Selection over a vocabulary: ranks of several tokens at once, and the figures of chosen tokens by step. */
import { describe, expect, it } from 'vitest';
import { largest, largestOfEither, rank, rankAmong, ranks, smallest } from '../../engine/analysis/select';
import { RunVectors } from '../../engine/runs/vectors';
import { uniform } from '../../fixtures/random-fill';

describe('ranks of several tokens', () => {
  const values = Float32Array.of(0.1, 0.4, 0.1, 0.3, 0.05);

  it('count the values above each, ties not', () => {
    expect(ranks(values, [1, 3, 0, 2, 4])).toEqual([0, 1, 2, 2, 4]);
    expect(ranks(values, [])).toEqual([]);
    expect(ranks(values, [2, 2])).toEqual([2, 2]);
  });

  it('are those of one at a time, over a large vocabulary', () => {
    const many = Float32Array.from({ length: 20_000 }, (_, i) => ((i * 7919) % 1009) / 1009);
    const ids = [0, 1, 17, 19_999, 1009, 5000];
    expect(ranks(many, ids)).toEqual(ids.map((id) => rank(many, id)));
  });
});

describe('the first k', () => {
  const random = uniform(5);

  it.each([0, 1, 2, 3, 4, 5, 17, 403])('of %i values are those of a stable sort, NaN left out', (length) => {
    const values = Float32Array.from({ length }, (_, i) =>
      i % 11 === 3 ? Number.NaN : Math.floor(40 * random()),
    );
    const numbers = [...values.keys()].filter((i) => !Number.isNaN(values[i]));
    const sorted = (sign: number) => numbers.toSorted((i, j) => sign * (values[i]! - values[j]!));
    for (const k of [0, 1, 3, 20, 1000]) {
      expect(largest(values, k)).toEqual(sorted(-1).slice(0, k));
      expect(smallest(values, k)).toEqual(sorted(1).slice(0, k));
    }
  });
});

describe('two distributions over one vocabulary', () => {
  const random = uniform(3);
  // Few different values, so that ties are many.
  const draw = () => Float32Array.from({ length: 2000 }, () => Math.floor(300 * random()));
  const [a, b] = [draw(), draw()];

  it.each([1, 2, 20, 500, 2000])('share the %i largest of the larger of both', (k) => {
    const larger = a.map((value, i) => Math.max(value, b[i]!));
    expect(largestOfEither(a, b, largest(a, k), largest(b, k), k)).toEqual(largest(larger, k));
  });

  it('give the same rank with the largest at hand as without', () => {
    const top = largest(a, 20);
    for (const i of [...top, ...a.keys()].slice(0, 200)) expect(rankAmong(a, i, top)).toBe(rank(a, i));
  });
});

describe('figures of chosen tokens', () => {
  const vectors = new RunVectors();
  vectors.startLane('slot', Float32Array.of(0.5, 0.3, 0.2));
  vectors.addStep('slot', {
    delta: Float32Array.of(1),
    shift: Float32Array.of(-1, 1, 0),
    meanP: Float32Array.of(0.25, 0.5, 0.25),
  });
  vectors.addStep('slot', {
    delta: Float32Array.of(2),
    shift: Float32Array.of(-2, 2, 4),
    meanP: Float32Array.of(0.125, 0.25, 0.625),
  });

  it('come by token and step', () => {
    expect(vectors.figures('slot', [2, 0])).toEqual({
      first: 0,
      shiftMean: Float32Array.of(0.25, 2.75),
      shift: [Float32Array.of(0, 4), Float32Array.of(-1, -2)],
      meanP: [Float32Array.of(0.25, 0.625), Float32Array.of(0.25, 0.125)],
      rank: [Float32Array.of(1, 0), Float32Array.of(1, 2)],
      baseMeanP: Float32Array.of(0.2, 0.5),
      baseRank: Float32Array.of(2, 0),
    });
  });

  it('are refused for a token that is not there', () => {
    expect(() => vectors.figures('slot', [3])).toThrow('no token 3');
  });
});
