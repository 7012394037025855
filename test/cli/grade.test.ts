/** `grade` as a process, and what it refuses before it judges anything. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addGradeCommand } from '../../engine/cli/grade-command';
import { temporaryFolder } from '../../fixtures/runs';
import { cli } from './process';

const folder = temporaryFolder();

function file(name: string, ...pairs: unknown[]): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    pairs.map((pair) => (typeof pair === 'string' ? pair : JSON.stringify(pair))).join('\n'),
  );
  return path;
}

const PAIRS = file(
  'pairs.jsonl',
  { gold: '\\frac{1}{2}', pred: 'It is \\boxed{0.5}.', id: 1 },
  '',
  { gold: 5, pred: 'It is $6$.' },
  { gold: 'x=5', pred: '2x=10' },
);

it('prints a verdict for each pair', async () => {
  const { code, stdout, stderr } = await cli(['grade', '--grader', 'math', '--pairs', PAIRS, '--json']);
  const grades = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(grades).toEqual([
    { extracted: '0.5', verdict: 'right' },
    { extracted: '6', verdict: 'wrong' },
    { extracted: '2x=10', verdict: 'undecided', reason: 'whether it is x=5 cannot be told' },
  ]);
});

it('or a table with its sums', async () => {
  const { code, stdout } = await cli(['grade', '--grader', 'math', '--pairs', PAIRS]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ +verdict +gold +taken of the answer\n +1 +right +\\frac\{1\}\{2\} +0\.5\n/);
  expect(stdout).toMatch(/1 right, 1 wrong, 1 undecided of 3\n$/);
});

it.each<[string, string[], RegExp]>([
  ['a grader that there is not', ['--grader', 'best', '--pairs', PAIRS], /--grader best: no such grader/],
  [
    'a pattern for another grader',
    ['--grader', 'math', '--pattern', 'x', '--pairs', PAIRS],
    /--pattern is for/,
  ],
  ['no pattern', ['--grader', 'regex', '--pairs', PAIRS], /pattern of the grader regex: there is none/],
  ['a broken pattern', ['--grader', 'regex', '--pattern', '(', '--pairs', PAIRS], /Unterminated group/],
  ['no file', ['--grader', 'math', '--pairs', join(folder, 'gone')], /gone cannot be read/],
  ['an empty file', ['--grader', 'math', '--pairs', file('empty.jsonl', '')], /pairs: there is none/],
  [
    'a line that is not JSON',
    ['--grader', 'math', '--pairs', file('broken.jsonl', { gold: '1', pred: '1' }, '{"gold"')],
    /line 2: it is not JSON/,
  ],
  [
    'a line without an answer',
    ['--grader', 'math', '--pairs', file('short.jsonl', { gold: '1', pred: '1' }, '', { gold: '1' })],
    /line 3: pred/,
  ],
  ['a line of another kind', ['--grader', 'math', '--pairs', file('list.jsonl', [1])], /line 1: /],
])('refuses %s', async (_, args, message) => {
  const program = new Command().exitOverride().configureOutput({ outputError: () => {} });
  addGradeCommand(program);
  const refused = program.parseAsync(['grade', ...args], { from: 'user' });
  await expect(refused).rejects.toMatchObject({ kind: 'input', message: expect.stringMatching(message) });
});
