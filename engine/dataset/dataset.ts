/** A data set: its files, how a row becomes a problem, and what must be said of it. */
import { badInput, type DatasetFormat, type DatasetSource, Problem } from '../protocol';
import { GSM8K_MARK, goldAfter } from './gold';
import { formatOf } from './open-table';
import { choicesAt, letterFor, optionalTextAt, RowProblem, textAt, type Values } from './values';

export interface DataFile {
  readonly path: string;
  readonly format: DatasetFormat;
  /** What all its problems are about, where files divide a set by subject. */
  readonly subject?: string;
}

export interface Dataset {
  readonly files: readonly DataFile[];
  /** Columns that every file must have. */
  readonly wanted: readonly string[];
  /** @param row from 1, over all files @throws RowProblem */
  readonly read: (values: Values, row: number, file: DataFile) => Problem;
  readonly skipBroken: boolean;
  /** Where it comes from, in words. */
  readonly source: string;
  readonly licence: string;
  /** What the gold answer is taken from, in words; known once the first row has been read. */
  readonly gold: () => string;
}

type FileSource = Extract<DatasetSource, { kind: 'file' }>;

/** @throws EngineError for a name that says no format */
export function fileDataset(source: FileSource): Dataset {
  const { path, columns, skipBroken } = source;
  const { question, answer, choices, subject, system, id } = columns;
  let mark = source.goldAfter;
  let isFirst = true;
  const goldOf = (values: Values): string => {
    const text = textAt(values, answer);
    if (isFirst) mark ??= goldAfter(text, GSM8K_MARK) === undefined ? null : GSM8K_MARK;
    isFirst = false;
    if (mark === null) return text.trim();
    const gold = goldAfter(text, mark);
    if (gold === undefined) throw new RowProblem(`nothing follows ${mark} in "${answer}"`);
    return gold;
  };
  return {
    files: [{ path, format: source.format ?? formatOf(path) }],
    wanted: [question, answer, ...[choices ?? [], subject ?? [], system ?? [], id ?? []].flat()],
    read: (values, row) => {
      const list = choices === undefined ? undefined : choicesAt(values, choices);
      const gold = list ? letterFor(values[answer], list) : goldOf(values);
      return problemOf({
        id: id === undefined ? String(row) : textAt(values, id),
        question: textAt(values, question),
        gold,
        choices: list,
        subject: subject === undefined ? undefined : optionalTextAt(values, subject),
        system: system === undefined ? undefined : optionalTextAt(values, system),
      });
    },
    skipBroken,
    source: path,
    licence: 'not told by the file',
    gold: () => {
      if (choices !== undefined) return `the letter that "${answer}" names`;
      return mark === null ? `"${answer}"` : `what follows the last ${mark} in "${answer}"`;
    },
  };
}

/** A problem within the protocol's bounds. @throws RowProblem */
export function problemOf(
  fields: {
    readonly [K in keyof Problem]: Problem[K] | undefined;
  },
): Problem {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const parsed = Problem.safeParse(given);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new RowProblem(`${path.join('.')}: ${message}`);
}

/** @throws EngineError `unknown-column` that lists the columns there are */
export function checkColumns(file: DataFile, wanted: readonly string[], columns: readonly string[]): void {
  const missing = wanted.find((name) => !columns.includes(name));
  if (missing === undefined) return;
  const shown = columns.slice(0, 50).join(', ');
  throw badInput(
    'unknown-column',
    `${file.path} has no column "${missing}"`,
    columns.length === 0
      ? 'It has no rows.'
      : `It has: ${shown}${columns.length > 50 ? ', …' : ''}. Say which holds question, answer, choices, subject, system and id.`,
  );
}
