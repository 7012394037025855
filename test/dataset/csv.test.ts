/** CSV as data sets: quotes, line ends, delimiters, broken records. */
import { describe, expect, it } from 'vitest';
import { readText, refusal } from './reading';

describe('records', () => {
  it('reads what RFC 4180 quotes: commas, line ends and quotation marks', async () => {
    const text = 'question,answer\n"a, ""b""\nsecond line",7\nplain,"8"\n';
    const { problems, columns } = await readText('a.csv', text);
    expect(columns).toEqual(['question', 'answer']);
    expect(problems).toEqual([
      { id: '1', question: 'a, "b"\nsecond line', gold: '7' },
      { id: '2', question: 'plain', gold: '8' },
    ]);
  });

  it.each([
    ['\r\n', ','],
    ['\n', '\t'],
    ['\n', ';'],
    ['\r', '|'],
    ['\r\n', '\t'],
  ])('takes line ends %j and the delimiter %j from the file', async (end, delimiter) => {
    const rows = [['question', 'answer', 'x'], ['"a', 'b"'].join(delimiter), ['c', '2', '3']];
    rows[1] = [`"a${delimiter}${end}b"`, '"1"', '""'];
    const text = `\ufeff${rows.map((row) => [row].flat().join(delimiter)).join(end)}`;
    for (const whole of [text, text + end]) {
      const { problems } = await readText('a.csv', whole);
      expect(problems.map(({ question, gold }) => [question, gold])).toEqual([
        [`a${delimiter}${end}b`, '1'],
        ['c', '2'],
      ]);
    }
  });

  it('passes over blank lines, and reads a list of choices written as JSON', async () => {
    const text = 'question,answer,options\n\nq,two,"[""one"",""two""]"\n\n';
    const { problems } = await readText('a.csv', text, { columns: { choices: 'options' } });
    expect(problems).toEqual([{ id: '1', question: 'q', choices: ['one', 'two'], gold: 'B' }]);
  });

  it('reads a choice from a column each, and no number for a letter', async () => {
    const columns = { choices: ['A', 'B', 'C'] };
    const text = 'question,A,B,C,answer\nq,x,y,z,C\nq,x,y,z,1\n';
    expect(await refusal(readText('a.csv', text, { columns }))).toContain(
      'a.csv, line 3: the answer is neither',
    );
    const { problems } = await readText('a.csv', text, { columns, skipBroken: true });
    expect(problems).toEqual([{ id: '1', question: 'q', choices: ['x', 'y', 'z'], gold: 'C' }]);
  });

  it('reads records that pieces of the file divide anywhere', async () => {
    const question = `${'long "text", '.repeat(30_000)}\r\n`;
    const quoted = `"${question.replaceAll('"', '""')}"`;
    const text = `question,answer\r\n${Array.from({ length: 8 }, (_, i) => `${quoted},${i}\r\n`).join('')}`;
    expect(text.length).toBeGreaterThan(3 * 2 ** 20);
    const { problems } = await readText('a.csv', text);
    expect(problems.map(({ gold }) => gold).join('')).toBe('01234567');
    expect(problems.every((problem) => problem.question === question)).toBe(true);
  });
});

describe('broken files', () => {
  it('names the line of a record, counting the lines within quotes before it', async () => {
    const text = 'question,answer\n"a\nb\nc",1\nlonely\nd,2,3\n"e" x,4\nf,5\n';
    expect(await refusal(readText('a.csv', text))).toBe(
      'bad-row: a.csv, line 5: 1 fields where the header has 2 | Mend it, or leave broken lines out: tick that below the columns, or add --skip-broken.',
    );
    const { problems, broken } = await readText('a.csv', text, { skipBroken: true });
    expect(problems.map(({ gold }) => gold)).toEqual(['1']);
    expect(broken.map(({ line }) => line)).toEqual([5, 6, 7]);
  });

  it('ends at a quotation mark that is left open', async () => {
    const short = await readText('a.csv', 'question,answer\na,1\n"b,2\nc,3\n', { skipBroken: true });
    expect(short.problems.map(({ gold }) => gold)).toEqual(['1']);
    expect(short.broken).toEqual([{ line: 3, message: 'Quoted field unterminated' }]);
    const endless = `question,answer\na,1\n"b,${'2\n'.repeat(3 * 2 ** 20)}`;
    expect(await refusal(readText('a.csv', endless, { skipBroken: true }))).toBe(
      'bad-row: a.csv, line 3: a record of more than 4 MiB begins here | A quotation mark may be left open.',
    );
  });

  it('refuses another encoding, and headers that do not name columns', async () => {
    const latin = Buffer.from('question,answer\na,1\ncaf\xe9,2\n', 'latin1');
    expect(await refusal(readText('a.csv', latin))).toBe(
      'bad-row: a.csv is not UTF-8 (after line 1) | Save it as UTF-8.',
    );
    expect(await refusal(readText('a.csv', ''))).toContain('dataset-format: a.csv is empty');
    expect(await refusal(readText('a.csv', 'a,a\n1,2\n'))).toContain('a.csv has two columns "a"');
    expect(await refusal(readText('a.csv', 'q,answer\n1,2\n'))).toMatch(
      /^unknown-column: a\.csv has no column "question" \| It has: q, answer\./,
    );
    expect(await refusal(readText('a.csv', 'question,answer\n'))).toContain('empty-dataset');
  });
});
