/** Parquet files that pyarrow wrote (fixtures/make.py), and damaged ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIXTURES, readFixture, readText, refusal } from './reading';

describe('reading', () => {
  it.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'])(
    'reads GSM8K in %s as from its JSON Lines',
    async (codec) => {
      const lines = await readFixture('gsm8k.jsonl');
      expect(await readFixture(`gsm8k-${codec}.parquet`)).toEqual(lines);
    },
  );

  it('reads 64-bit ids to their last digit, lists of choices, and an index as a letter', async () => {
    const columns = { id: 'id', question: 'problem', choices: 'choices', subject: 'topic' };
    const { problems, columns: all } = await readFixture('mixed.parquet', { columns });
    expect(problems).toEqual([
      { id: '9007199254740993', question: 'Which is even?', choices: ['3', '4'], gold: 'B', subject: 'even' },
      { id: '60', question: 'Which is odd?', choices: ['5', '6', '8'], gold: 'A' },
    ]);
    expect(all).toEqual(['id', 'problem', 'choices', 'answer', 'nested', 'topic']);
  });

  it('lists its columns where one is missing, and calls a structure no text', async () => {
    expect(await refusal(readFixture('mixed.parquet'))).toMatch(
      /^unknown-column: mixed\.parquet has no column "question" \| It has: id, problem, choices, answer, nested, topic\./,
    );
    expect(await refusal(readFixture('mixed.parquet', { columns: { question: 'nested' } }))).toContain(
      'mixed.parquet, line 1: "nested" is not a text',
    );
  });
});

describe('damaged files', () => {
  const good = readFileSync(join(FIXTURES, 'gsm8k-snappy.parquet'));

  it('are refused in a line, cut anywhere', async () => {
    for (const length of [0, 4, 100, good.length - 100, good.length - 1]) {
      expect(await refusal(readText('a.parquet', good.subarray(0, length)))).toMatch(
        /^dataset-format: a\.parquet (cannot be read as Parquet: |has a part that is too large)/,
      );
    }
    expect(await refusal(readText('a.parquet', 'PAR1 is how it begins, and how it ends: PAR1'))).toContain(
      'dataset-format',
    );
  });

  it('are refused or read, and nothing else, whichever byte is another one', async () => {
    // Every 151st byte of the body and the footer, by turns: a fixed sample of what fuzzing would try.
    for (let at = 4; at < good.length; at += 151) {
      const bytes = Buffer.from(good);
      bytes[at]! ^= 1 << (at % 8);
      const outcome = await readText('a.parquet', bytes, { skipBroken: true }).then(
        () => 'read',
        (error: unknown) => refusal(Promise.reject(error)),
      );
      expect(outcome).toMatch(
        /^(read|dataset-format: |bad-row: |unknown-column: |empty-dataset: |dataset-too-long: )/,
      );
    }
  });

  it('may not have a page decompressed into more than it may hold', async () => {
    // The first page's header after "PAR1": its type, then the size to decompress to in two bytes; here 2^30 in five.
    expect(good.subarray(4, 9)).toEqual(Buffer.from([0x15, 0x04, 0x15, 0x88, 0x09]));
    const huge = Buffer.from([0x15, 0x04, 0x15, 0x80, 0x80, 0x80, 0x80, 0x08]);
    const bytes = Buffer.concat([good.subarray(0, 4), huge, good.subarray(9)]);
    expect(await refusal(readText('a.parquet', bytes))).toBe(
      'dataset-format: a.parquet cannot be read as Parquet: a page of it is too large | ',
    );
  });

  it('do not end the process by a part that fails while another is read', async () => {
    const bytes = Buffer.from(good);
    // Where a column begins, in the footer: now before the file. Vitest fails a run with a rejection that nobody took.
    bytes[bytes.length - 1147]! ^= 0x80;
    expect(await refusal(readText('a.parquet', bytes))).toContain('a part of it has no sensible size');
    await new Promise((resolve) => setImmediate(resolve));
  });
});
