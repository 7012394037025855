/** JSON Lines as data sets: GSM8K's own lines, hostile and broken ones. */
import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readFixture, readSource, readText, refusal, written } from './reading';

const line = (value: unknown) => `${JSON.stringify(value)}\n`;
const rows = (n: number) =>
  Array.from({ length: n }, (_, i) => line({ question: `q${i}`, answer: `a${i}` })).join('');

describe('GSM8K by its file', () => {
  it('takes the golds after #### without being told, and says so', async () => {
    const { problems, gold, columns, total } = await readFixture('gsm8k.jsonl');
    expect(problems.map((problem) => problem.gold)).toEqual([
      '18',
      '3',
      '70000',
      '540',
      '20',
      '64',
      '260',
      '160',
    ]);
    expect(problems[0]!.question).toMatch(/^Janet’s ducks lay 16 eggs per day\..*farmers' market\?$/);
    expect(problems.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect({ gold, columns, total }).toEqual({
      gold: 'what follows the last #### in "answer"',
      columns: ['question', 'answer'],
      total: 8,
    });
  });

  it('stops where a later answer has no mark, and can be told another', async () => {
    const text = line({ question: 'a', answer: 'so #### 1,234 ' }) + line({ question: 'b', answer: '5' });
    expect(await refusal(readText('a.jsonl', text))).toBe(
      'bad-row: a.jsonl, line 2: nothing follows #### in "answer" | Mend it, or leave broken lines out: tick that below the columns, or add --skip-broken.',
    );
    const { problems, gold } = await readText('a.jsonl', text, { goldAfter: 'so', skipBroken: true });
    expect([problems[0]!.gold, gold]).toEqual(['#### 1,234', 'what follows the last so in "answer"']);
  });
});

describe('lines', () => {
  it('reads any line end, a byte order mark, blank lines and a last line without an end', async () => {
    const text = `\ufeff{"question":"a","answer":1}\r\n\r\n   \n{"question":"b","answer":true}`;
    const { problems } = await readText('a.jsonl', text);
    expect(problems).toEqual([
      { id: '1', question: 'a', gold: '1' },
      { id: '2', question: 'b', gold: 'true' },
    ]);
  });

  it('stops at a broken line with its number, or goes on when told, counted and listed', async () => {
    const text = `${line({ question: 'a', answer: '1' })}{"question": "b", \n[1]\n${line({ question: 'c' })}${line({ question: { d: 1 }, answer: '4' })}${line({ question: 'e', answer: '5' })}`;
    expect(await refusal(readText('a.jsonl', text))).toBe(
      'bad-row: a.jsonl, line 2: not JSON | Mend it, or leave broken lines out: tick that below the columns, or add --skip-broken.',
    );
    const { problems, broken, brokenCount, total } = await readText('a.jsonl', text, { skipBroken: true });
    // A row keeps its number whatever becomes of those before it.
    expect(problems.map(({ id }) => id)).toEqual(['1', '6']);
    expect({ brokenCount, total }).toEqual({ brokenCount: 4, total: 2 });
    expect(broken).toEqual([
      { line: 2, message: 'not JSON' },
      { line: 3, message: 'not a JSON object' },
      { line: 4, message: 'no "answer"' },
      { line: 5, message: '"question" is not a text' },
    ]);
  });

  it('refuses bytes that are no UTF-8 by their line', async () => {
    const text = Buffer.concat([
      Buffer.from(rows(2)),
      Buffer.from('{"question":"\xe9","answer":"1"}\n', 'latin1'),
    ]);
    expect(await refusal(readText('a.jsonl', text))).toContain('a.jsonl, line 3: not UTF-8');
  });

  it('passes over a line that is too long without keeping it', async () => {
    const path = written('long.jsonl', line({ question: 'a', answer: '1' }));
    appendFileSync(path, `{"question":"${'x'.repeat(5 * 2 ** 20)}","answer":"2"}\n`);
    appendFileSync(path, line({ question: 'c', answer: '3' }));
    const source = { kind: 'file' as const, path };
    expect(await refusal(readSource(source))).toContain('long.jsonl, line 2: longer than 4 MiB');
    const { problems, broken } = await readSource({ ...source, skipBroken: true });
    expect(problems.map(({ gold }) => gold)).toEqual(['1', '3']);
    expect(broken).toEqual([{ line: 2, message: 'longer than 4 MiB' }]);
  });

  it('reads characters that a piece of the file divides', async () => {
    const path = written('pieces.jsonl', '');
    const filler = 'ö'.repeat(300_001);
    for (let i = 0; i < 5; i++) appendFileSync(path, line({ question: `${filler}${i}é`, answer: '1' }));
    const { problems } = await readSource({ kind: 'file', path });
    expect(problems.map(({ question }) => question.slice(-2))).toEqual(['0é', '1é', '2é', '3é', '4é']);
    expect(problems.every(({ question }) => question.startsWith(filler))).toBe(true);
  });

  it('says what a list in one file, an empty file, a folder and a missing one are', async () => {
    expect(await refusal(readText('a.jsonl', '[{"question":"a","answer":"1"}]'))).toContain(
      'dataset-format: a.jsonl is one JSON list, not JSON Lines',
    );
    expect(await refusal(readText('a.jsonl', '\n'))).toContain('empty-dataset: a.jsonl has no problems');
    expect(await refusal(readFixture('nowhere.jsonl'))).toContain('no-dataset: nowhere.jsonl is not there');
    expect(await refusal(readFixture('../fixtures', { format: 'jsonl' }))).toContain('is not a file');
    expect(await refusal(readText('a.txt', ''))).toContain(
      'dataset-format: a.txt is no data set by its name',
    );
  });
});

describe('columns and ids', () => {
  it('lists no more columns than can be read, takes white space off a gold, and a mark only where something follows', async () => {
    const wide = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`c${i}`, 'x']));
    const said = await refusal(readText('a.jsonl', line(wide)));
    expect(said).toContain('c48, c49, …. Say which holds question');
    expect(said).not.toContain('c50');
    const golds = line({ question: 'a', answer: ' 5 \n' }) + line({ question: 'b', answer: 'x #### ' });
    expect((await readText('a.jsonl', golds)).problems.map(({ gold }) => gold)).toEqual(['5', 'x ####']);
    const options = line({ question: 'q', options: [' red', 'green '], answer: 'green' });
    expect((await readText('a.jsonl', options, { columns: { choices: 'options' } })).problems[0]!.gold).toBe(
      'B',
    );
  });

  it('takes a byte order mark for one at the beginning alone, and an empty first line for none', async () => {
    const one = line({ question: 'a', answer: '1' });
    expect(await refusal(readText('a.jsonl', `${one}\ufeff${one}`))).toContain('line 2: not JSON');
    expect((await readText('a.jsonl', `\n${one}`)).problems).toHaveLength(1);
  });

  it('lists the columns there are where one is missing', async () => {
    const text = line({ prompt: 'a', target: '1', level: 2 });
    expect(await refusal(readText('a.jsonl', text))).toMatch(
      /^unknown-column: a\.jsonl has no column "question" \| It has: prompt, target, level\./,
    );
    const { problems } = await readText('a.jsonl', text, {
      columns: { question: 'prompt', answer: 'target' },
    });
    expect(problems).toEqual([{ id: '1', question: 'a', gold: '1' }]);
  });

  it('takes ids, subjects and system prompts from their columns, and refuses doubles with both lines', async () => {
    const columns = { id: 'key', subject: 'topic', system: 'sys' };
    const first = { key: 7, topic: 'sums', sys: 'Be brief.', question: 'a', answer: '1' };
    const second = { ...first, topic: null, sys: '', key: 8 };
    expect((await readText('a.jsonl', line(first) + line(second), { columns })).problems).toEqual([
      { id: '7', question: 'a', gold: '1', subject: 'sums', system: 'Be brief.' },
      { id: '8', question: 'a', gold: '1' },
    ]);
    expect(await refusal(readText('a.jsonl', `${line(first)}\n${line(first)}`, { columns }))).toBe(
      'duplicate-id: the id "7" stands twice: in a.jsonl, line 1 and in a.jsonl, line 3 | Make ids differ, or name no column of ids: rows are numbered then.',
    );
    expect(await refusal(readText('a.jsonl', line({ ...first, key: '' }), { columns }))).toContain(
      'a.jsonl, line 1: no "key"',
    );
  });

  it('reads the right choice from a letter, a text or a number that counts from 0', async () => {
    const columns = { choices: 'options' };
    const options = ['red', 'green', 'B'];
    const gold = async (answer: unknown) =>
      (await readText('a.jsonl', line({ question: 'q', options, answer }), { columns })).problems[0]!.gold;
    expect([await gold('C'), await gold('green'), await gold(0), await gold('B')]).toEqual([
      'C',
      'B',
      'A',
      'B',
    ]);
    for (const answer of ['D', 'blue', 3, -1, 0.5, '1']) {
      expect(await refusal(gold(answer))).toContain(
        'line 1: the answer is neither a letter nor the text of one choice',
      );
    }
    expect(
      await refusal(readText('a.jsonl', line({ question: 'q', options: ['x'], answer: 'A' }), { columns })),
    ).toContain('"options" is not a list of 2 to 26 texts');
  });

  it('takes no property of objects for a column', async () => {
    const text = '{"__proto__": {"answer": "1"}, "question": "a"}\n';
    expect(await refusal(readText('a.jsonl', text))).toContain('has no column "answer"');
    expect(await refusal(readText('a.jsonl', text, { columns: { question: 'toString' } }))).toContain(
      'has no column "toString"',
    );
  });
});
