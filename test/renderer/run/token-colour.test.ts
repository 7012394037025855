/** Levels of colour: fixed bounds, both signs, and a legend that says the same. */
import { describe, expect, it } from 'vitest';
import { blockStarts } from '../../../renderer/run/token-blocks';
import { levelBounds, levelOf, Quantity, scaleOf, toneClass } from '../../../renderer/run/token-colour';
import { token } from '../run-events';

function toneOf(quantity: Quantity, part: Partial<ReturnType<typeof token>>): string {
  return toneClass(scaleOf(quantity), { ...token('slot', 0, 1, 'x'), ...part });
}

describe('a tone', () => {
  it.each([
    ['deltaLogprob', { logprob: -1, baseLogprob: -1.01 }, ''],
    ['deltaLogprob', { logprob: -1, baseLogprob: -1.05 }, 'tone-u1'],
    ['deltaLogprob', { logprob: -1, baseLogprob: -4 }, 'tone-u4'],
    ['deltaLogprob', { logprob: -1.3, baseLogprob: -1 }, 'tone-d2'],
    ['probability', { logprob: Math.log(0.99) }, ''],
    ['probability', { logprob: Math.log(0.05) }, 'tone-s4'],
    ['baseProbability', { baseLogprob: Math.log(0.6) }, 'tone-s2'],
    ['kl', { kl: 0.2 }, 'tone-s3'],
    ['entropy', { entropy: 0 }, ''],
    ['rankChange', { rank: 0, baseRank: 4 }, 'tone-u2'],
    ['rankChange', { rank: 150, baseRank: 0 }, 'tone-d4'],
    // A level begins at its bound; where bounds fall, below it.
    ['rankChange', { rank: 0, baseRank: 1 }, 'tone-u1'],
    ['rankChange', { rank: 100, baseRank: 0 }, 'tone-d4'],
    ['kl', { kl: 0.03 }, 'tone-s2'],
    ['probability', { logprob: Math.log(0.5) }, 'tone-s2'],
    ['none', { logprob: -1, baseLogprob: -9 }, ''],
    ['kl', { kl: Number.NaN }, ''],
  ] as const)('of %s %j is %j', (quantity, part, tone) => {
    expect(toneOf(quantity, part)).toBe(tone);
  });

  it('rises with the value, and the legend names every level once', () => {
    for (const quantity of Quantity.options) {
      const scale = scaleOf(quantity);
      if (!scale) continue;
      const towards = scale.bounds.map((bound) => Math.abs(levelOf(scale, bound === 0 ? 1 : bound)));
      expect(towards, quantity).toEqual(towards.toSorted((a, b) => a - b));
      const levels = levelBounds(scale);
      expect(levels).toHaveLength(scale.isSigned ? 8 : 4);
      expect(new Set(levels.map(({ tone }) => tone)).size).toBe(levels.length);
    }
  });
});

describe('the legend', () => {
  const probabilities = ['<95%', '<75%', '<50%', '<10%'];
  it.each([
    ['deltaLogprob', ['−2', '−.5', '−.1', '−.02', '+.02', '+.1', '+.5', '+2']],
    ['probability', probabilities],
    ['baseProbability', probabilities],
    ['kl', ['.003', '.03', '.1', '.5']],
    ['entropy', ['.1', '.5', '1.5', '3']],
    ['rankChange', ['−100', '−10', '−3', '−1', '+1', '+3', '+10', '+100']],
  ] as const)('of %s says where each level begins', (quantity, texts) => {
    expect(levelBounds(scaleOf(quantity)!).map(({ text }) => text)).toEqual(texts);
  });

  it('of a signed quantity goes from the deepest fall to the highest rise', () => {
    const tones = levelBounds(scaleOf('kl')!).map(({ tone }) => tone);
    expect(tones).toEqual(['tone-s1', 'tone-s2', 'tone-s3', 'tone-s4']);
    const signed = levelBounds(scaleOf('rankChange')!).map(({ tone }) => tone.slice(5));
    expect(signed).toEqual(['d4', 'd3', 'd2', 'd1', 'u1', 'u2', 'u3', 'u4']);
  });

  it.each([
    ['deltaLogprob', 0.25, '+0.250'],
    ['probability', 0.25, '25.0 %'],
    ['baseProbability', 0.25, '25.0 %'],
    ['kl', 0.25, '0.2500'],
    ['entropy', 0.25, '0.250'],
    ['rankChange', -3, '−3'],
  ] as const)('and the value of %s, %d, is %s', (quantity, value, text) => {
    expect(scaleOf(quantity)!.write(value)).toBe(text);
  });
});

describe('blocks of tokens', () => {
  const text = (...parts: string[]) => parts.map((part, index) => token('slot', index, index, part));

  it('end with a line and stay where they are while tokens arrive', () => {
    const words = Array.from({ length: 60 }, () => 'word ');
    expect(blockStarts(text(...words, '\n'))).toEqual([0]);
    expect(blockStarts(text(...words, '\n', 'more'))).toEqual([0, 61]);
    expect(blockStarts(text('a\n', 'b\n', 'c'))).toEqual([0]);
    // Each as long as the first, whatever lines are in it.
    const block = [...words, '\n'];
    expect(blockStarts(text(...block, 'a\n', ...block, 'b\n', ...block, 'c'))).toEqual([0, 61, 123, 185]);
    expect(blockStarts([])).toEqual([0]);
  });
});
