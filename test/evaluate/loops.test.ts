import { expect, it } from 'vitest';
import { endsInLoop } from '../../engine/evaluate/loops';

const times = (piece: readonly number[], count: number) => Array.from({ length: count }, () => piece).flat();
const text = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

it.each([
  ['a token twelve times', [...text, ...times([7], 12)], true],
  ['a token eleven times, which may be a rule of dashes', [1, 2, 3, 4, ...times([7], 11)], false],
  ['a piece of three, four times', [...text, ...times([21, 22, 23], 4)], true],
  ['a piece of three, three times', [...text, ...times([21, 22, 23], 3)], false],
  ['a piece that is cut off', [...text, ...times([21, 22, 23, 24], 4), 21, 22], true],
  ['a loop that ends before the end', [...times([7], 30), 1], false],
  [
    'the longest piece',
    times(
      Array.from({ length: 128 }, (_, id) => id),
      4,
    ),
    true,
  ],
  [
    'a longer piece',
    times(
      Array.from({ length: 129 }, (_, id) => id),
      4,
    ),
    false,
  ],
  ['nothing', [], false],
])('%s', (_, ids, expected) => {
  expect(endsInLoop(ids)).toBe(expected);
});
