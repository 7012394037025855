/** The named sets: where they lie, and what of their rows is question and gold answer. */
import type { DatasetFormat, DatasetName } from '../protocol';
import type { DataFile, Dataset } from './dataset';
import { problemOf } from './dataset';
import { GSM8K_MARK, goldAfter, lastBoxed } from './gold';
import { PythonRandom } from './python-random';
import { letterOf, optionalTextAt, RowProblem, textAt } from './values';

export type HubName = Exclude<DatasetName, 'starter'>;

/** A set on the hub; the first of its splits is the one to report on. */
export interface NamedSet {
  readonly title: string;
  readonly id: string;
  readonly splits: readonly [string, ...string[]];
  readonly format: DatasetFormat;
  readonly wanted: readonly string[];
  /** The files of a split, by their paths in the repository; a group named `subject` is their problems'. */
  files(split: string): RegExp;
  /** Anew for each reading: some draw as they go. */
  reader(): Dataset['read'];
  readonly gold: string;
  readonly licence: string;
}

const GPQA_SEED = 1234;
const WRONG_ANSWERS = ['Incorrect Answer 1', 'Incorrect Answer 2', 'Incorrect Answer 3'];
const LETTERS = ['A', 'B', 'C', 'D'];

export const NAMED_SETS: Readonly<Record<HubName, NamedSet>> = {
  gsm8k: {
    title: 'GSM8K (Cobbe et al. 2021)',
    id: 'openai/gsm8k',
    splits: ['test', 'train'],
    format: 'parquet',
    wanted: ['question', 'answer'],
    files: (split) => new RegExp(`^main/${split}-\\d+-of-\\d+\\.parquet$`),
    reader: () => (values, row) =>
      problemOf({
        id: String(row),
        question: textAt(values, 'question'),
        gold: demanded(goldAfter(textAt(values, 'answer'), GSM8K_MARK), `nothing follows ${GSM8K_MARK}`),
      }),
    gold: `what follows the last ${GSM8K_MARK} in "answer"`,
    licence: 'MIT',
  },
  math500: {
    title: 'MATH-500 (Hendrycks et al. 2021, Lightman et al. 2023)',
    id: 'HuggingFaceH4/MATH-500',
    splits: ['test'],
    format: 'jsonl',
    wanted: ['problem', 'solution', 'subject', 'unique_id'],
    files: (split) => new RegExp(`^${split}\\.jsonl$`),
    reader: () => (values) =>
      problemOf({
        id: textAt(values, 'unique_id'),
        question: textAt(values, 'problem'),
        gold: demanded(lastBoxed(textAt(values, 'solution')), 'the solution boxes nothing'),
        subject: optionalTextAt(values, 'subject'),
      }),
    gold: 'the last box of "solution"',
    licence: 'MIT (of MATH)',
  },
  aime2024: {
    title: 'AIME 2024',
    id: 'HuggingFaceH4/aime_2024',
    splits: ['train'],
    format: 'parquet',
    wanted: ['id', 'problem', 'answer'],
    files: (split) => new RegExp(`^data/${split}-\\d+-of-\\d+(-[0-9a-f]+)?\\.parquet$`),
    reader: () => (values) =>
      problemOf({
        id: textAt(values, 'id'),
        question: textAt(values, 'problem'),
        gold: textAt(values, 'answer').trim(),
      }),
    gold: '"answer", with the leading zeros that it has',
    licence: 'not stated; the problems are the Mathematical Association of America’s',
  },
  'gpqa-diamond': {
    title: 'GPQA Diamond (Rein et al. 2023)',
    id: 'Idavidrein/gpqa',
    splits: ['train'],
    format: 'csv',
    wanted: ['Record ID', 'Question', 'Correct Answer', ...WRONG_ANSWERS, 'High-level domain'],
    files: () => /^gpqa_diamond\.csv$/,
    reader: gpqaReader,
    gold: `the letter of "Correct Answer", whose place Python’s random.randint(0, 3) draws row by row under seed ${GPQA_SEED}`,
    licence: 'CC BY 4.0, gated: its authors ask that no problem be shown in plain text on the web',
  },
  ceval: {
    title: 'C-Eval (Huang et al. 2023)',
    id: 'ceval/ceval-exam',
    splits: ['val', 'dev'],
    format: 'parquet',
    wanted: ['id', 'question', ...LETTERS, 'answer'],
    files: (split) =>
      new RegExp(`^(?<subject>\\w+)/(?:${split}-\\d+-of-\\d+|ceval-exam-${split})\\.parquet$`),
    reader: () => (values, _row, file) =>
      problemOf({
        id: `${file.subject}/${textAt(values, 'id')}`,
        question: textAt(values, 'question'),
        choices: LETTERS.map((letter) => textAt(values, letter)),
        gold: letterIn(textAt(values, 'answer').trim()),
        subject: file.subject,
      }),
    gold: '"answer", a letter (those of the test split are not published)',
    licence: 'CC BY-NC-SA 4.0: not for commercial use',
  },
};

/** lighteval's `gpqa_instruct`: the wrong answers in their order, the right one put in at the place drawn. */
function gpqaReader(): Dataset['read'] {
  const random = new PythonRandom(GPQA_SEED);
  return (values) => {
    const slot = random.randrange(LETTERS.length);
    const choices = WRONG_ANSWERS.map((column) => textAt(values, column));
    choices.splice(slot, 0, textAt(values, 'Correct Answer'));
    return problemOf({
      id: textAt(values, 'Record ID'),
      question: textAt(values, 'Question'),
      choices,
      gold: letterOf(slot),
      subject: optionalTextAt(values, 'High-level domain'),
    });
  };
}

function letterIn(answer: string): string {
  if (LETTERS.includes(answer)) return answer;
  throw new RowProblem(`the answer "${answer}" is not one of ${LETTERS.join(', ')}`);
}

function demanded(gold: string | undefined, problem: string): string {
  if (gold === undefined) throw new RowProblem(problem);
  return gold;
}

/** The files that make a split, each with its subject. */
export function dataFiles(
  set: NamedSet,
  split: string,
  found: readonly { readonly path: string; readonly at: string }[],
): DataFile[] {
  return found.map(({ path, at }) => {
    const subject = set.files(split).exec(path)?.groups?.subject;
    return { path: at, format: set.format, ...(subject === undefined ? {} : { subject }) };
  });
}
