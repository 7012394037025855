/** A job's table of lanes, and its answers, as text for other programs. */
import {
  type AnswerRecord,
  type CsvCell,
  type EvaluationSummary,
  type GraderSummary,
  type LaneSummary,
  type Rate,
  toCsv,
} from '../protocol';

export const COLUMNS = [
  'lane',
  'right',
  '95 %',
  'strict form',
  'lenient form',
  'tokens',
  'cut',
  'b',
  'c',
  'p',
  'p (Holm)',
  'difference',
  '95 % of it',
] as const;

/** Cells of each lane by the headline grader, as in COLUMNS; empty where there is nothing to say. */
export function tableOf({ lanes }: EvaluationSummary): string[][] {
  return lanes.map((lane) => rowOf(lane, lane.graders[0]!));
}

function rowOf(summary: LaneSummary, { right, versus }: GraderSummary): string[] {
  const marks = [summary.half === 'all' ? '' : summary.half, summary.selected ? 'selected' : ''];
  const mark = marks.filter((each) => each !== '').join(', ');
  return [
    mark === '' ? summary.lane.name : `${summary.lane.name} (${mark})`,
    `${right.count}/${right.of} ${percent(right.rate)}`,
    `${percent(right.lower)}–${percent(right.upper)}`,
    share(summary.strict),
    share(summary.lenient),
    summary.meanTokens === null ? '' : summary.meanTokens.toFixed(1),
    share(summary.cut),
    versus ? String(versus.b) : '',
    versus ? String(versus.c) : '',
    versus ? pValue(versus.p) : '',
    versus?.corrected == null ? '' : pValue(versus.corrected),
    versus ? points(versus.difference) : '',
    versus ? `${points(versus.lower)} to ${points(versus.upper)}` : '',
  ];
}

export function markdownOf(summary: EvaluationSummary): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rows = [line(COLUMNS), line(COLUMNS.map(() => '---')), ...tableOf(summary).map(line)];
  return `${rows.join('\n')}\n\n${summary.claims.join(' ')}\n`;
}

export function latexOf(summary: EvaluationSummary): string {
  const line = (cells: readonly string[]) => `${cells.map(escapeLatex).join(' & ')} \\\\`;
  return [
    `\\begin{tabular}{l${'r'.repeat(COLUMNS.length - 1)}}`,
    '\\hline',
    line(COLUMNS),
    '\\hline',
    ...tableOf(summary).map(line),
    '\\hline',
    '\\end{tabular}',
    ...summary.claims.map((claim) => `% ${claim}`),
    '',
  ].join('\n');
}

/** A row for each answer. */
export function csvOf(answers: Iterable<AnswerRecord>, graders: readonly string[]): string {
  const head = [
    'problem',
    'lane',
    'sample',
    'end',
    'tokens',
    'strict',
    'lenient',
    'loops',
    'seed',
    'delta norm',
  ];
  const columns = [...head, ...graders.flatMap((name) => [name, `${name} extracted`]), 'text'];
  const rows: CsvCell[][] = [];
  for (const answer of answers) {
    const { problem, lane, sample, end, tokens, format, loops, seed, deltaNorm, text, grades } = answer;
    const graded = Object.fromEntries(Object.entries(grades));
    rows.push([
      ...[problem, lane, sample, end, tokens, String(format.strict), String(format.lenient)],
      ...[String(loops), seed, deltaNorm],
      ...graders.flatMap((name) => [graded[name]?.verdict ?? '', graded[name]?.extracted ?? '']),
      text,
    ]);
  }
  return toCsv({ columns, rows });
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

function escapeLatex(text: string): string {
  return text
    .replace(/[\\~^]|[#$%&_{}]/g, (character) => LATEX[character] ?? `\\${character}`)
    .replaceAll('–', '--');
}

function share({ of, rate }: Rate): string {
  return of === 0 ? '' : percent(rate);
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)}%`;
}

/** Percentage points with their sign. */
function points(difference: number): string {
  return `${difference >= 0 ? '+' : '−'}${(100 * Math.abs(difference)).toFixed(1)}`;
}

function pValue(p: number): string {
  if (p >= 0.0995) return p.toFixed(2);
  return p >= 0.001 ? p.toFixed(3) : p.toExponential(1);
}
