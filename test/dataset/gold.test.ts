/** Where golds are found in solutions. */
import { expect, it } from 'vitest';
import { lastBoxed } from '../../engine/dataset/gold';

it('finds the last box of a text, its braces balanced', () => {
  const boxes: [string, string | undefined][] = [
    ['\\boxed{1} and \\boxed{{2},\\{3}', '{2},\\{3'],
    ['\\fbox{a}', 'a'],
    ['$\\boxed 5$', '5'],
    ['\\boxed{open', undefined],
    ['\\boxed{}', undefined],
    ['none', undefined],
  ];
  for (const [text, inside] of boxes) expect(lastBoxed(text)).toBe(inside);
});
