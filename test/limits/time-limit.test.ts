/** Work that does not end is stopped, in a loop or inside a regular expression; other work is left alone. */
import { expect, it } from 'vitest';
import { TimeBudget, withinTime } from '../../engine/limits/time-limit';
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

it('ends an inner limit together with the outer one, whoever catches on the way', () => {
  const guarded = () => {
    try {
      return withinTime(
        20_000,
        () => /^(a+)+$/.test(`${'a'.repeat(60)}b`),
        () => badInput('inner', 'inner'),
      );
    } catch {
      return 'caught';
    }
  };
  expect(() => withinTime(50, guarded, late)).toThrow(expect.objectContaining({ code: 'late' }));
  expect(withinTime(1000, () => 3, late)).toBe(3);
});

it('is shared by many calls, of which quick ones cost nothing', () => {
  const budget = new TimeBudget(300);
  const busy = (ms: number) => () => {
    for (const end = performance.now() + ms; performance.now() < end; );
    return 'done';
  };
  for (let i = 0; i < 40; i++) expect(budget.within(10_000, busy(1), late)).toBe('done');
  expect(() => budget.within(0, busy(60_000), late)).toThrow(expect.objectContaining({ code: 'late' }));
  // With a limit for each call this one would be in time.
  expect(() => budget.within(0, busy(150), late)).toThrow(expect.objectContaining({ code: 'late' }));
  expect(budget.within(10_000, busy(1), late)).toBe('done');
});
