/** What became of each problem in a lane, and the rows that a filter of the matrix leaves. */
import { describe, expect, it } from 'vitest';
import type { MatrixRow } from '../../../engine/protocol';
import { countFates, fateOf, filterRows } from '../../../renderer/evaluate/matrix/filter';

const row = (problem: string, question: string, ...verdicts: string[]): MatrixRow => ({
  problem,
  question,
  verdicts,
});
/** The baseline, slot, a control. */
const ROWS = [
  row('a', 'Apples in a basket', 'w', 'r', 'w'),
  row('b', 'Boats on a lake', 'r', 'w', 'r'),
  row('c', 'Cats', 'w', 'w', 'u'),
  row('d', 'Dogs and APPLES', 'r', 'r', '-'),
  row('e', 'Eggs', '-', 'r', 'r'),
];
const ALL = { fate: null, columns: [1, 2], baseline: 0, text: '' };
const ids = (rows: readonly MatrixRow[]) => rows.map(({ problem }) => problem).join('');

describe('a problem in a lane', () => {
  it.each([
    ['w', 'r', 'fixed'],
    ['r', 'w', 'regressed'],
    ['w', 'w', 'wrong'],
    ['r', 'r', 'right'],
    ['u', 'r', 'undecided'],
    ['r', 'u', 'undecided'],
    ['-', 'r', 'open'],
    ['w', '-', 'open'],
  ] as const)('that was %s and is %s: %s', (before, after, fate) => {
    expect(fateOf(before, after)).toBe(fate);
  });

  it.each([
    ['rww', 'rrw', 'fixed'],
    ['rrw', 'wwr', 'regressed'],
    ['rww', 'wrw', 'wrong'],
    ['rrr', 'rrr', 'right'],
  ] as const)('is told by the share of its samples, %s to %s: %s', (before, after, fate) => {
    expect(fateOf(before, after)).toBe(fate);
  });
});

describe('the rows of the matrix', () => {
  it('are narrowed by what became of them in any of the lanes', () => {
    expect(ids(filterRows(ROWS, { ...ALL, fate: 'fixed' }))).toBe('a');
    expect(ids(filterRows(ROWS, { ...ALL, fate: 'right' }))).toBe('bd');
    expect(ids(filterRows(ROWS, { ...ALL, fate: 'undecided' }))).toBe('c');
  });

  it('are narrowed to one lane', () => {
    expect(ids(filterRows(ROWS, { ...ALL, fate: 'right', columns: [1] }))).toBe('d');
    expect(ids(filterRows(ROWS, { ...ALL, fate: 'wrong', columns: [2] }))).toBe('a');
  });

  it('are found by words of the question or by the id, whatever their case', () => {
    expect(ids(filterRows(ROWS, { ...ALL, text: ' apples ' }))).toBe('ad');
    expect(ids(filterRows(ROWS, { ...ALL, text: 'apples', fate: 'fixed' }))).toBe('a');
    expect(ids(filterRows([row('P-7', 'x', 'r', 'r')], { ...ALL, columns: [1], text: 'p-7' }))).toBe('P-7');
  });

  it('are counted for each filter', () => {
    expect(countFates(ROWS, ALL)).toEqual({ fixed: 1, regressed: 1, wrong: 2, right: 2, undecided: 1 });
  });
});
