/** Controls against NumPy's draws and PyTorch's entropies, in float64. */
import { describe, expect, it } from 'vitest';
import {
  combined,
  matchedTemperature,
  meanDelta,
  negated,
  norm,
  randomLike,
  scaledBy,
  withoutMeanShift,
} from '../../engine/slot/controls';
import { normalDraws } from '../../engine/slot/normal';

const DELTA = Float32Array.of(3, -1, 2, 0.5, 4, -2, 1);

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 6);
}

describe('normal draws', () => {
  it("are RandomState's, beyond the first block of the generator's state", () => {
    const draws = normalDraws(20250512, 2001);
    const last = [-0.2477505908168423, 1.593779134180031, -1.075868672358965];
    for (const [i, value] of last.entries()) expect(draws[1998 + i]).toBeCloseTo(value, 12);
    expect(draws.reduce((sum, draw) => sum + draw, 0)).toBeCloseTo(42.12084297236561, 9);
  });
});

describe('a random delta', () => {
  it.each([
    [0, [2.741312, 0.6218386, 1.5209448, 3.482316, 2.9021582, -1.5186758, 1.4764239]],
    [7, [5.1056757, -1.4072102, 0.0991225, 1.2307686, -2.3826818, 0.0062384, -0.0026891]],
    [0xffff_ffff, [2.2666481, 2.3397603, -3.7772663, 0.9945328, 0.3981184, 3.0329537, -0.1539021]],
  ])("is NumPy's draws of seed %i at the delta's norm", (seed, expected) => {
    const random = randomLike(DELTA, seed);
    expectClose(random, expected);
    expect(norm(random)).toBeCloseTo(norm(DELTA), 5);
  });

  it('of no delta is none', () => {
    expect(norm(randomLike(new Float32Array(3), 1))).toBe(0);
  });
});

describe('deltas of deltas', () => {
  it('are the negative and the mean', () => {
    expect([...negated(Float32Array.of(1, -2.5, 3))]).toEqual([-1, 2.5, -3]);
    expect([...meanDelta([Float32Array.of(1, 2), Float32Array.of(3, -2), Float32Array.of(2, 6)])]).toEqual([
      2, 2,
    ]);
    expect([...meanDelta([DELTA])]).toEqual([...DELTA]);
  });

  it('are sums with factors, in float64', () => {
    expect([...scaledBy(Float32Array.of(1, -2.5, 3), -0.5)]).toEqual([-0.5, 1.25, -1.5]);
    const terms = [
      { factor: 2, delta: Float32Array.of(1, -1) },
      { factor: -0.5, delta: Float32Array.of(4, 8) },
    ];
    expect([...combined(terms)]).toEqual([0, -6]);
    // In float32 the small one would be lost before the large ones cancel.
    const [large, small] = [Float32Array.of(1e8), Float32Array.of(1)];
    const cancelling = [large, small, large].map((delta, i) => ({ factor: i === 2 ? -1 : 1, delta }));
    expect([...combined(cancelling)]).toEqual([1]);
  });

  it('without what moves the mean logit are at right angles to the mean row, and else as they were', () => {
    const row = Float32Array.of(3, 0, 4);
    // Along the row (10 + 20) / 25 of it.
    expectClose(withoutMeanShift(Float32Array.of(10 / 3, 7, 5), row), [10 / 3 - 3.6, 7, 0.2]);
    const delta = withoutMeanShift(DELTA.subarray(0, 3), row);
    expect(delta.reduce((sum, value, i) => sum + value * row[i]!, 0)).toBeCloseTo(0, 5);
    expect([...withoutMeanShift(Float32Array.of(4, 1, -3), row)]).toEqual([4, 1, -3]);
    expect([...withoutMeanShift(row, row)]).toEqual([0, 0, 0]);
    expect([...withoutMeanShift(row, new Float32Array(3))]).toEqual([3, 0, 4]);
  });
});

describe('a matched temperature', () => {
  const POSITIONS = 5;
  const VOCABULARY = 40;
  let passes = 0;
  async function* positions() {
    passes++;
    for (let i = 0; i < POSITIONS; i++)
      yield Float32Array.from({ length: VOCABULARY }, (_, v) => 3 * Math.sin(1 + 0.7 * i + 1.3 * v * v));
  }

  it.each([
    [1.5, 0.06505184739806338],
    [2.5, 0.48686236746190953],
    [2.9244781676334726, 1],
    [3.5, 3.062006547514015],
    [3.68, 15.492409911275175],
  ])('gives a mean entropy of %f nats, in a few passes', async (target, temperature) => {
    passes = 0;
    const match = await matchedTemperature(positions, target);
    expect(match.isReached).toBe(true);
    expect(Math.abs(match.entropy - target)).toBeLessThan(1e-5);
    expect(Math.abs(Math.log(match.temperature / temperature))).toBeLessThan(5e-3);
    expect(passes).toBeLessThan(15);
  });

  it('is the end of the range where no temperature gives the entropy, in a few passes', async () => {
    passes = 0;
    const above = await matchedTemperature(positions, Math.log(VOCABULARY));
    expect(above).toMatchObject({ isReached: false });
    expect(above.temperature).toBeCloseTo(50, 9);
    expect(above.entropy).toBeCloseTo(3.688017422441935, 6);
    const below = await matchedTemperature(positions, 0.5);
    expect(below).toMatchObject({ isReached: false });
    expect(below.temperature).toBeCloseTo(0.02, 9);
    expect(below.entropy).toBeCloseTo(1.1411107285971334, 5);
    expect(passes).toBeLessThan(20);
  });

  it('is given up after 60 passes where what is streamed changes from pass to pass', async () => {
    let count = 0;
    async function* changing() {
      yield Float32Array.of(0, count++ % 2 === 0 ? 0 : -1e6);
    }
    expect(await matchedTemperature(changing, 0.4)).toMatchObject({ isReached: false });
    expect(count).toBe(60);
  });

  it('is found where the entropy is flat, beside logits of minus infinity', async () => {
    async function* flat() {
      yield Float32Array.of(0, -100, Number.NEGATIVE_INFINITY);
    }
    // Of two tokens, the second at w of the first: no entropy to speak of below T = 10.
    const w = Math.exp(-100 / 40);
    const match = await matchedTemperature(flat, Math.log(1 + w) - (w * Math.log(w)) / (1 + w));
    expect(match.isReached).toBe(true);
    expect(match.temperature).toBeCloseTo(40, 2);
  });
});
