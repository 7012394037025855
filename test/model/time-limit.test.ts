/** Work that does not end is stopped, in a loop or inside a regular expression; other work is left alone. */
import { expect, it } from 'vitest';
import { withinTime } from '../../engine/model/time-limit';
import { badInput } from '../../engine/protocol';

const late = () => badInput('late', 'too late');

it.each<[string, () => unknown]>([
  [
    'a loop',
    () => {
      for (;;);
    },
  ],
  ['a regular expression', () => /^(a+)+$/.test(`${'a'.repeat(60)}b`)],
])('%s without an end', (_, work) => {
  expect(() => withinTime(50, work, late)).toThrow(expect.objectContaining({ code: 'late' }));
});

it('gives back what work returns and throws, and nests', () => {
  expect(withinTime(1000, () => withinTime(1000, () => [1], late), late)).toEqual([1]);
  const broken = () => {
    throw new RangeError('broken');
  };
  expect(() => withinTime(1000, broken, late)).toThrow(RangeError);
  expect(withinTime(1000, () => 2, late)).toBe(2);
});
