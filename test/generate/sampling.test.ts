/** Sampling draws from the softmax it is given, never leaves the nucleus, and shares its noise between lanes. */
import { describe, expect, it } from 'vitest';
import { chooseToken, drawnLogprob } from '../../engine/generate/sampling';
import { uniform } from '../../fixtures/random-fill';
import { softmax } from '../../fixtures/reference';

const DRAWS = 20_000;

/** Critical values of chi-square at p = 1e-5, by degrees of freedom. */
const CRITICAL: Readonly<Record<number, number>> = { 1: 19.51, 3: 25.9, 7: 35.43, 9: 39.5, 15: 50.49 };

function chiSquare(counts: readonly number[], probabilities: ArrayLike<number>): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, i) => {
    const expected = total * probabilities[i]!;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}

const logits = [2, 1.5, 1, 0.5, 0, -0.5, -1, -1.5];
const logprobs = Float32Array.from(softmax(logits), Math.log);

function draw(settings: { temperature: number; topP: number }, seed = 11): number[] {
  return Array.from({ length: DRAWS }, (_, position) =>
    chooseToken(logprobs, { ...settings, seed: seed + (position % 4) }, Math.floor(position / 4)),
  );
}

const countOf = (values: readonly number[], size: number) =>
  Array.from({ length: size }, (_, id) => values.filter((value) => value === id).length);

describe('the distribution', () => {
  it.each([0.5, 1, 2])('is the softmax at temperature %d', (temperature) => {
    const counts = countOf(draw({ temperature, topP: 1 }), logits.length);
    const p = softmax(logits.map((logit) => logit / temperature));
    expect(chiSquare(counts, p)).toBeLessThan(CRITICAL[7]!);
  });

  it('would be told from one a little hotter', () => {
    const counts = countOf(draw({ temperature: 1, topP: 1 }), logits.length);
    expect(chiSquare(counts, softmax(logits.map((logit) => logit / 1.15)))).toBeGreaterThan(CRITICAL[7]!);
  });

  it.each([
    [0.5, 1, 2],
    [0.8, 1, 4],
    [0.8, 0.5, 2],
    [0.96, 2, 8],
  ])(
    'with top-p %d at temperature %d is the softmax over the %i tokens that reach it',
    (topP, temperature, size) => {
      const p = softmax(logits.map((logit) => logit / temperature));
      // The fewest best tokens whose mass reaches topP; logits are in falling order.
      const mass = (count: number) => p.slice(0, count).reduce((sum, value) => sum + value, 0);
      expect(mass(size)).toBeGreaterThanOrEqual(topP);
      expect(mass(size - 1)).toBeLessThan(topP);
      const drawn = draw({ temperature, topP });
      expect(Math.max(...drawn)).toBe(size - 1);
      const counts = countOf(drawn, size);
      const kept = Array.from(p.slice(0, size), (value) => value / mass(size));
      const bound = CRITICAL[size - 1]!;
      expect(chiSquare(counts, kept)).toBeLessThan(bound);
    },
  );

  it('holds over a large vocabulary, down to the tail', () => {
    const random = uniform(5);
    const many = Float64Array.from({ length: 4000 }, () => 6 * random());
    const p = softmax(many);
    const wide = Float32Array.from(p, Math.log);
    const buckets = new Array<number>(10).fill(0);
    const mass = new Array<number>(10).fill(0);
    const bucket = (id: number) => Math.min(9, Math.floor((10 * many[id]!) / 6));
    for (const [id, value] of p.entries()) mass[bucket(id)]! += value;
    for (let position = 0; position < 2000; position++) {
      buckets[bucket(chooseToken(wide, { temperature: 1, topP: 1, seed: 3 }, position))]! += 1;
    }
    expect(chiSquare(buckets, mass)).toBeLessThan(CRITICAL[9]!);
  });

  it.each([
    ['positions', (i: number) => ({ seed: 9, position: i })],
    ['seeds', (i: number) => ({ seed: i, position: 0 })],
  ])('is independent over neighbouring %s', (_, at) => {
    const flat = new Float32Array(4).fill(Math.log(0.25));
    const drawn = Array.from({ length: DRAWS }, (_, i) => {
      const { seed, position } = at(i);
      return chooseToken(flat, { temperature: 1, topP: 1, seed }, position);
    });
    const pairs = drawn.slice(1).map((token, i) => 4 * drawn[i]! + token);
    expect(chiSquare(countOf(pairs, 16), new Array(16).fill(1 / 16))).toBeLessThan(CRITICAL[15]!);
  });
});

describe('the probability of a draw', () => {
  it.each([
    [1, 1, 8],
    [0.5, 1, 8],
    [2, 0.96, 8],
    [1, 0.8, 4],
  ])(
    'at temperature %d with top-p %d is that of the softmax over the %i tokens kept',
    (temperature, topP, size) => {
      const kept = softmax(logits.slice(0, size).map((logit) => logit / temperature));
      const told = logits.map((_, id) => drawnLogprob(logprobs, { temperature, topP }, id));
      expect(told.slice(size)).toEqual(logits.slice(size).map(() => undefined));
      for (const [id, p] of kept.entries()) expect(Math.exp(told[id]!)).toBeCloseTo(p, 6);
    },
  );

  it('is none where nothing is drawn', () => {
    expect(drawnLogprob(logprobs, { temperature: 0, topP: 1 }, 0)).toBeUndefined();
  });
});

describe('the choice', () => {
  it('at temperature 0 is the best token, the first of equals', () => {
    const settings = { temperature: 0, topP: 1, seed: 0 };
    expect(chooseToken(Float32Array.of(-3, -1, -2, -1), settings, 0)).toBe(1);
  });

  it('with next to no top-p or temperature is the best token too', () => {
    for (let position = 0; position < 50; position++) {
      expect(chooseToken(logprobs, { temperature: 5, topP: 1e-9, seed: 1 }, position)).toBe(0);
      expect(chooseToken(logprobs, { temperature: 1e-300, topP: 1, seed: 1 }, position)).toBe(0);
    }
  });

  it('never takes a token of no probability', () => {
    const masked = Float32Array.of(Math.log(0.5), Number.NEGATIVE_INFINITY, Math.log(0.5));
    const drawn = new Set(
      Array.from({ length: 500 }, (_, i) => chooseToken(masked, { temperature: 10, topP: 1, seed: 2 }, i)),
    );
    expect([...drawn].sort()).toEqual([0, 2]);
  });

  it('depends on the seed, and is the same for the same seed and position', () => {
    const answer = (seed: number) =>
      Array.from({ length: 40 }, (_, i) => chooseToken(logprobs, { temperature: 1, topP: 1, seed }, i));
    expect(answer(1)).toEqual(answer(1));
    expect(answer(1)).not.toEqual(answer(2));
    expect(answer(0)).not.toEqual(answer(0xffff_ffff));
  });

  it('moves with the distribution alone: lanes that differ little choose the same', () => {
    const nudged = logprobs.map((logprob, id) => logprob + (id === 3 ? 0.05 : 0));
    const settings = { temperature: 1, topP: 1, seed: 4 };
    const positions = [...Array(2000).keys()];
    const changed = positions.filter(
      (i) => chooseToken(logprobs, settings, i) !== chooseToken(nudged, settings, i),
    );
    // Independent draws would differ in about four of five positions.
    expect(changed.length).toBeLessThan(40);
    for (const i of changed) expect(chooseToken(nudged, settings, i)).toBe(3);
  });

  it('is the same in every version: the largest draw of MurmurHash3, written down from another program', () => {
    const size = 50_000;
    const flat = new Float32Array(size).fill(-Math.log(size));
    const drawn = [0, 1, 0xffff_ffff].map((seed) =>
      [0, 1, 2, 300].map((position) => chooseToken(flat, { temperature: 1, topP: 1, seed }, position)),
    );
    expect(drawn).toEqual([
      [48_125, 49_814, 24_509, 40_989],
      [31_606, 18_309, 47_084, 2010],
      [2966, 25_014, 46_786, 28_555],
    ]);
  });
});

describe('the nucleus of a flat distribution', () => {
  const size = 1000;
  const flat = new Float32Array(size).fill(-Math.log(size));

  it.each([
    [0.0301, 31],
    [0.2001, 201],
    [0.4999, 500],
    [0.9999, 1000],
  ])('of %d is the first %i of the tokens, however many that are', (topP, kept) => {
    const told = Array.from(flat.keys(), (id) => drawnLogprob(flat, { temperature: 1, topP }, id));
    for (const logprob of told.slice(0, kept)) expect(logprob).toBeCloseTo(-Math.log(kept), 5);
    expect(told.slice(kept).every((logprob) => logprob === undefined)).toBe(true);
    const drawn = Array.from({ length: 300 }, (_, at) =>
      chooseToken(flat, { temperature: 1, topP, seed: 5 }, at),
    );
    expect(Math.max(...drawn)).toBeLessThan(kept);
    expect(Math.max(...drawn)).toBeGreaterThan(0.9 * kept);
  });
});
