/** The sample of lines: the same for the same seed, as large as was asked, and Stryker's patterns of whole lines. */
import { expect, it } from 'vitest';
import { chosenLines } from './chosen-lines';

const text = Array.from({ length: 4000 }, (_, i) => (i % 4 === 3 ? '' : `  const value${i} = ${i};`)).join(
  '\n',
);
const lineOf = (pattern: string) => Number(/^a\.ts:(\d+):0-\1:\d+$/.exec(pattern)?.[1]);

it('is the whole file where all is asked for', () => {
  expect(chosenLines('a.ts', text, 1, '1')).toEqual(['a.ts']);
});

it('is the share that was asked for, of lines that hold something', () => {
  const chosen = chosenLines('a.ts', text, 0.1, '1');
  expect(chosen.length).toBeGreaterThan(240);
  expect(chosen.length).toBeLessThan(360);
  for (const pattern of chosen) expect(lineOf(pattern) % 4).not.toBe(0);
  expect(chosenLines('a.ts', 'ab\n\n cd', 0.999999, '1')).toEqual(['a.ts:1:0-1:2', 'a.ts:3:0-3:3']);
});

it('is the same for the same seed, another for another, and grows with the share', () => {
  const chosen = chosenLines('a.ts', text, 0.1, '1');
  expect(chosenLines('a.ts', text, 0.1, '1')).toEqual(chosen);
  expect(chosenLines('a.ts', text, 0.1, '2')).not.toEqual(chosen);
  expect(chosenLines('b.ts', text, 0.1, '1').map((pattern) => pattern.replace('b', 'a'))).not.toEqual(chosen);
  expect(chosenLines('a.ts', text, 0.2, '1')).toEqual(expect.arrayContaining(chosen));
});
