/** What prompt tokens taught delta: estimated for all, measured for those that were left out. */
import { expect, it } from 'vitest';
import type { SlotExplained } from '../../../engine/protocol';
import { partsOf, partWords, rankAgreement } from '../../../renderer/run/prompt-parts';

const EXPLAINED: SlotExplained = {
  type: 'slot.explained',
  lane: 'slot',
  id: 7,
  token: ' must',
  shift: 1.5,
  contributions: [0.5, -0.25, 1.25, 0.75],
  without: [
    { target: 2, shift: 0.5 },
    { target: 0, shift: 1.75 },
    { target: 3, shift: 1.25 },
  ],
};

it('estimates every token, and measures those that were left out', () => {
  const estimate = partsOf(EXPLAINED, 'estimate');
  expect(estimate?.values).toEqual([0.5, -0.25, 1.25, 0.75]);
  const measured = partsOf(EXPLAINED, 'left-out');
  expect(measured?.values).toEqual([-0.25, null, 1, 0.25]);
  // The first token is never predicted: token i + 1 is the strip's place i + 1.
  expect(partWords(estimate, 2)).toBe('adds −0.250');
  expect(partWords(measured, 3)).toBe('worth +1.000, by leaving it out');
  expect(partWords(measured, 2)).toBe('');
  expect(partWords(measured, 0)).toBe('');
});

it('has nothing where nothing was explained, or nothing left out', () => {
  expect(partsOf(undefined, 'estimate')).toBeNull();
  const { without: _, ...estimated } = EXPLAINED;
  expect(partsOf(estimated, 'left-out')).toBeNull();
  expect(partWords(null, 1)).toBe('');
});

it('ranks estimates against measurements as scipy.stats.spearmanr does', () => {
  const of = (estimates: number[], left: number[]) =>
    rankAgreement({
      ...EXPLAINED,
      shift: 0,
      contributions: estimates,
      without: left.map((change, target) => ({ target, shift: -change })),
    });
  // spearmanr([0.9, 0.5, 0.4, 0.2, -0.3, 0.1], [0.1, 0.6, -0.2, 0.3, 0.0, 0.05])
  expect(of([0.9, 0.5, 0.4, 0.2, -0.3, 0.1], [0.1, 0.6, -0.2, 0.3, 0, 0.05])).toBeCloseTo(0.428571428571, 9);
  // Ties: spearmanr([1, 1, 2, 3, 3], [2, 4, 4, 4, 5])
  expect(of([1, 1, 2, 3, 3], [2, 4, 4, 4, 5])).toBeCloseTo(Math.SQRT1_2, 9);
  expect(of([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
});

it('ranks nothing of two tokens, or where all are alike', () => {
  expect(rankAgreement({ ...EXPLAINED, without: EXPLAINED.without!.slice(0, 2) })).toBeNull();
  const alike = EXPLAINED.without!.map(({ target }) => ({ target, shift: 1 }));
  expect(rankAgreement({ ...EXPLAINED, without: alike })).toBeNull();
});
