/** A cell's value as text; what is none says so, for the list of broken rows. */
import { z } from 'zod';

/** What is wrong with one row. */
export class RowProblem extends Error {
  override readonly name = 'RowProblem';
}

export type Values = Readonly<Record<string, unknown>>;

/** Numbers and booleans as JSON writes them; Parquet's 64-bit integers as digits. */
const Scalar = z.union([z.string(), z.number(), z.bigint(), z.boolean()]);

/** @throws RowProblem where the cell is empty or holds a structure */
export function textAt(values: Values, column: string): string {
  const text = optionalTextAt(values, column);
  if (text === undefined) throw new RowProblem(`no "${column}"`);
  return text;
}

/** @returns undefined where there is none */
export function optionalTextAt(values: Values, column: string): string | undefined {
  const value = Object.hasOwn(values, column) ? values[column] : undefined;
  if (value === undefined || value === null || value === '') return undefined;
  const scalar = Scalar.safeParse(value);
  if (!scalar.success) throw new RowProblem(`"${column}" is not a text`);
  return String(scalar.data);
}

/**
 * The choices of a problem, A first: of one column that holds a list (of CSV as JSON), or of a column each.
 * @throws RowProblem
 */
export function choicesAt(values: Values, columns: string | readonly string[]): string[] {
  if (typeof columns !== 'string') return columns.map((column) => textAt(values, column));
  const list = z.array(Scalar).min(2).max(26).safeParse(listIn(values[columns]));
  if (!list.success) throw new RowProblem(`"${columns}" is not a list of 2 to 26 texts`);
  return list.data.map(String);
}

function listIn(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

export function letterOf(index: number): string {
  return String.fromCharCode(65 + index);
}

/**
 * The letter of the right choice: of a letter, of the text of one choice, or of a number that counts from 0.
 * @throws RowProblem
 */
export function letterFor(answer: unknown, choices: readonly string[]): string {
  const text = typeof answer === 'string' ? answer.trim() : answer;
  if (typeof text === 'number' || typeof text === 'bigint') {
    if (Number.isInteger(Number(text)) && text >= 0 && text < choices.length) return letterOf(Number(text));
  } else if (typeof text === 'string') {
    if (/^[A-Z]$/.test(text) && text.charCodeAt(0) - 65 < choices.length) return text;
    const at = choices.flatMap((choice, i) => (choice.trim() === text ? [i] : []));
    if (at.length === 1) return letterOf(at[0]!);
  }
  throw new RowProblem('the answer is neither a letter nor the text of one choice');
}
