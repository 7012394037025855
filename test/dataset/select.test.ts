/** Limits, orders and halves; all problems are read and few kept. */
import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { half } from '../../engine/dataset/half';
import { openDataset } from '../../engine/dataset/open';
import { selectProblems } from '../../engine/dataset/select';
import { DatasetSource, ProblemSelection } from '../../engine/protocol';
import { readSource, refusal, written } from './reading';

const path = written(
  'rows.jsonl',
  Array.from({ length: 1000 }, (_, i) => `${JSON.stringify({ question: `q${i}`, answer: `${i}` })}\n`).join(
    '',
  ),
);
const ALL = ProblemSelection.parse({});
const pick = async (selection: Parameters<typeof readSource>[1]) =>
  (await readSource({ kind: 'file', path }, selection)).problems.map(({ gold }) => Number(gold));

describe('parts', () => {
  it('are the first ones, from an offset on, within what there is', async () => {
    expect(await pick({ limit: 3 })).toEqual([0, 1, 2]);
    expect(await pick({ limit: 3, offset: 998 })).toEqual([998, 999]);
    expect(await pick({ offset: 2000 })).toEqual([]);
    expect(await readSource({ kind: 'file', path }, { limit: 3 })).toMatchObject({ total: 1000 });
  });

  it('are refused beyond the last row that may be compared, but for a beginning', async () => {
    const rows = {
      files: [{ path, format: 'jsonl' as const }],
      wanted: ['question'],
      skipBroken: false,
      source: '',
      licence: '',
      gold: () => '',
      read: (_values: unknown, row: number) => ({ id: String(row), question: '', gold: '' }),
    };
    const selection = { ...ALL, limit: 2 };
    expect(await selectProblems(rows, selection, undefined, 500)).toMatchObject({
      total: null,
      problems: [{}, {}],
    });
    expect(await refusal(selectProblems(rows, { ...selection, shuffle: 1 }, undefined, 500))).toContain(
      'dataset-too-long: rows.jsonl has more than 500 rows | Ask for a beginning of it: "At most" without a shuffle seed, or --limit without --shuffle.',
    );
    expect(await refusal(selectProblems(rows, { ...selection, limit: null }, undefined, 500))).toContain(
      'dataset-too-long',
    );
    expect(await selectProblems(rows, selection, undefined, 1000)).toMatchObject({ total: 1000 });
  });
});

describe('a shuffle', () => {
  it('is that of its seed, a permutation, and its beginnings are parts of each other', async () => {
    const all = await pick({ shuffle: 1 });
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(all.slice(0, 5)).not.toEqual([0, 1, 2, 3, 4]);
    expect(await pick({ shuffle: 1, limit: 7 })).toEqual(all.slice(0, 7));
    expect(await pick({ shuffle: 1, limit: 7, offset: 300 })).toEqual(all.slice(300, 307));
    expect(await pick({ shuffle: 2 })).not.toEqual(all);
    // By the smallest sha256("shuffle 1\n" + id), ids counted from 1.
    const key = (i: number) =>
      createHash('sha256')
        .update(`shuffle 1\n${i + 1}`)
        .digest('hex');
    expect(all[0]).toBe(all.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))[0]);
  });
});

describe('halves', () => {
  it('divide a set about evenly, and leave each problem where it was', async () => {
    const [choose, report] = [await pick({ half: 'choose' }), await pick({ half: 'report' })];
    expect([...choose, ...report].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    expect(choose.filter((i) => half(String(i + 1), '') !== 'choose')).toEqual([]);
    // Within four standard deviations of 500.
    expect(Math.abs(choose.length - 500)).toBeLessThan(64);
    expect(await pick({ half: 'choose', salt: 'again' })).not.toEqual(choose);
    expect(await pick({ half: 'report', limit: 3, offset: 1 })).toEqual(report.slice(1, 4));
  });

  it('are the first bit of a hash that anyone can take', () => {
    for (const id of ['1', '2', '3', 'algebra/7', 'é']) {
      const bit = createHash('sha256').update(`salt\n${id}`).digest()[0]! >> 7;
      expect(half(id, 'salt')).toBe(bit === 0 ? 'choose' : 'report');
    }
  });
});

it('stops when told to, also where every row is broken', async () => {
  const stopped = AbortSignal.abort(new Error('left'));
  const starter = await openDataset({ kind: 'named', name: 'starter', split: null });
  await expect(selectProblems(starter, ALL, stopped)).rejects.toThrow('left');
  const broken = written('broken.jsonl', 'x\n'.repeat(10));
  const source = DatasetSource.parse({ kind: 'file', path: broken, skipBroken: true });
  await expect(selectProblems(await openDataset(source), ALL, stopped)).rejects.toThrow('left');
});

describe('a file that is stopped in', () => {
  const lines = 'question,answer\n{"question":"a","answer":"1"}\n'.repeat(50_000);

  it.skipIf(process.platform !== 'linux').each([
    ['of another column', 'jsonl', { columns: { answer: 'nope' } }],
    ['of another column', 'csv', { columns: { answer: 'nope' } }],
    ['at a broken row', 'jsonl', {}],
    ['at a broken row', 'csv', {}],
    ['that is no Parquet', 'parquet', {}],
  ] as const)('because %s, %s, is closed', async (_why, format, options) => {
    const path = written(`stopped.${format}`, format === 'jsonl' ? lines.slice(16) : lines);
    await expect(readSource({ kind: 'file', path, ...options })).rejects.toThrow();
    const open = readdirSync('/proc/self/fd').map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    });
    expect(open).not.toContain(path);
  });
});
