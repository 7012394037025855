/** What the bench finds, as rows: a figure against its target, and the measurements it comes from. */
import { type Spread, spread } from './measure';

type Unit = '×' | '%' | 'ms' | 's' | 'MiB' | 'tokens/s' | 'answers/min' | 'GB/s' | 'GFLOP/s';

export interface Figure extends Spread {
  readonly unit: Unit;
}

export interface Target {
  readonly bound: 'at least' | 'at most';
  readonly value: number;
}

export interface Row {
  readonly what: string;
  /** The ratio, or whatever the target is about. */
  readonly figure: Figure;
  readonly target?: Target | undefined;
  /** What the figure was made from. */
  readonly measured: Readonly<Record<string, Figure>>;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

export interface Report {
  readonly at: string;
  readonly quick: boolean;
  readonly machine: Readonly<Record<string, string>>;
  readonly sections: readonly Section[];
}

export function figure(unit: Unit, samples: readonly number[]): Figure {
  return { ...spread(samples), unit };
}

export const atLeast = (value: number): Target => ({ bound: 'at least', value });
export const atMost = (value: number): Target => ({ bound: 'at most', value });

function isMet({ figure: { median }, target }: Row): boolean | undefined {
  if (!target) return undefined;
  return target.bound === 'at least' ? median >= target.value : median <= target.value;
}

/** A cell of text for each column: what, figure, target, verdict, measurements. */
export function cells(row: Row): [string, string, string, string, string] {
  const { what, figure: own, target, measured } = row;
  const met = isMet(row);
  return [
    what,
    show(own),
    target ? `${target.bound} ${number(target.value)}${space(own.unit)}` : '',
    met === undefined ? '' : met ? 'met' : 'missed',
    Object.entries(measured)
      .map(([name, each]) => `${name} ${show(each)}`)
      .join('; '),
  ];
}

export function printTable({ machine, sections }: Report): void {
  console.log(Object.values(machine).join(' · '));
  console.log('Medians (min–max).');
  for (const { title, rows, notes } of sections) {
    console.log(`\n${title}`);
    const table = rows.map(cells);
    const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...table.map((row) => row[column]!.length)));
    for (const row of table)
      console.log(`  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
    for (const note of notes) console.log(`  ${note}`);
  }
}

function show({ median, min, max, unit }: Figure): string {
  const range = min === max ? '' : ` (${number(min)}–${number(max)})`;
  return `${number(median)}${space(unit)}${range}`;
}

function space(unit: Unit): string {
  return unit === '×' || unit === '%' ? unit : ` ${unit}`;
}

function number(value: number): string {
  if (value === 0) return '0';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}
