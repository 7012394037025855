/** What the tests noticed: a score for each file, and every change that none did. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Stryker } from '@stryker-mutator/core';

export type Mutant = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

const NOTICED = ['Killed', 'Timeout', 'RuntimeError'];
const UNNOTICED = ['Survived', 'NoCoverage'];

export function report(title: string, mutants: readonly Mutant[]): string {
  const counted = mutants.filter(({ status }) => [...NOTICED, ...UNNOTICED].includes(status));
  const files = [...new Set(counted.map(({ fileName }) => fileName))].sort();
  const rows = files.map((file) =>
    score(
      relative('', file),
      counted.filter(({ fileName }) => fileName === file),
    ),
  );
  const survivors = counted.filter(({ status }) => UNNOTICED.includes(status)).map(line);
  return [...rows, score(title, counted), '', ...survivors, ''].join('\n');
}

function score(name: string, mutants: readonly Mutant[]): string {
  const noticed = mutants.filter(({ status }) => NOTICED.includes(status));
  const late = noticed.filter(({ status }) => status === 'Timeout').length;
  const percent = mutants.length === 0 ? 100 : (100 * noticed.length) / mutants.length;
  const how = late > 0 ? ` (${late} by a test without end)` : '';
  return `${percent.toFixed(0).padStart(3)} %  ${noticed.length} of ${mutants.length}${how}  ${name}`;
}

/** `file:line mutator: what stood there → what took its place` */
function line({ fileName, location, mutatorName, replacement, status }: Mutant): string {
  const lines = readFileSync(fileName, 'utf8').split('\n');
  const { start, end } = location;
  const first = lines[start.line - 1]!.slice(
    start.column - 1,
    start.line === end.line ? end.column - 1 : undefined,
  );
  const short = (text = '') => text.replace(/\s+/g, ' ').slice(0, 80);
  const uncovered = status === 'NoCoverage' ? ' (no test comes here)' : '';
  return `${relative('', fileName)}:${start.line} ${mutatorName}${uncovered}: ${short(first)} → ${short(replacement)}`;
}
