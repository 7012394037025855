import { expect, it } from 'vitest';
import { passAt } from '../../engine/statistics';

/** Every choice of k of n answers, of which the first c are right. */
function counted(n: number, c: number, k: number): number {
  let [all, hit] = [0, 0];
  for (let chosen = 0; chosen < 2 ** n; chosen++) {
    const bits = chosen.toString(2).replaceAll('0', '').length;
    if (bits !== k) continue;
    all++;
    if ((chosen & (2 ** c - 1)) !== 0) hit++;
  }
  return hit / all;
}

it.each([
  [1, 0, 1],
  [1, 1, 1],
  [8, 3, 1],
  [8, 3, 4],
  [8, 3, 6],
  [10, 1, 10],
  [10, 9, 2],
])('of %i answers, %i right, pass@%i is the share of choices with a right one', (n, c, k) => {
  expect(passAt(n, c, k)).toBeCloseTo(counted(n, c, k), 12);
});

it('refuses more than were drawn', () => {
  expect(() => passAt(1, 0, 64)).toThrow(RangeError);
});
