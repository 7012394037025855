/** What became of each problem in a lane, against the baseline, and the rows that a filter leaves. */
import type { MatrixRow } from '../../../engine/protocol';

/** `open`: not both have answered yet. */
export type Fate = 'fixed' | 'regressed' | 'wrong' | 'right' | 'undecided' | 'open';

/** The filters, in the order in which they are offered. */
export const FATES = ['fixed', 'regressed', 'wrong', 'right', 'undecided'] as const;

export const FATE_WORDS: Readonly<Record<(typeof FATES)[number], string>> = {
  fixed: 'fixed',
  regressed: 'regressed',
  wrong: 'still wrong',
  right: 'unchanged right',
  undecided: 'undecided',
};

/**
 * @param baseline verdicts of the baseline @param lane the lane's: `r`, `w` or `u` for each sample, `-` for none yet. Of
 * several samples the share that is right is compared.
 */
export function fateOf(baseline: string, lane: string): Fate {
  if (baseline === '-' || lane === '-') return 'open';
  if (baseline.includes('u') || lane.includes('u')) return 'undecided';
  const [before, after] = [shareRight(baseline), shareRight(lane)];
  if (after > before) return 'fixed';
  if (after < before) return 'regressed';
  return after === 1 ? 'right' : 'wrong';
}

function shareRight(verdicts: string): number {
  let right = 0;
  for (const verdict of verdicts) if (verdict === 'r') right++;
  return verdicts.length === 0 ? 0 : right / verdicts.length;
}

export interface MatrixFilter {
  /** Null leaves all. */
  readonly fate: (typeof FATES)[number] | null;
  /** Columns that are looked at; those that are no baseline. */
  readonly columns: readonly number[];
  /** Of the baseline. */
  readonly baseline: number;
  /** Found in the id or the question, whatever its case. */
  readonly text: string;
}

/** The rows in which any of the columns has the fate, in their order. */
export function filterRows(rows: readonly MatrixRow[], filter: MatrixFilter): MatrixRow[] {
  const text = filter.text.trim().toLowerCase();
  return rows.filter((row) => {
    if (
      text !== '' &&
      !row.question.toLowerCase().includes(text) &&
      !row.problem.toLowerCase().includes(text)
    )
      return false;
    return filter.fate === null || hasFate(row, filter.fate, filter);
  });
}

/** How many rows each filter would leave. */
export function countFates(
  rows: readonly MatrixRow[],
  where: Pick<MatrixFilter, 'columns' | 'baseline'>,
): Readonly<Record<(typeof FATES)[number], number>> {
  const counts = { fixed: 0, regressed: 0, wrong: 0, right: 0, undecided: 0 };
  for (const row of rows) for (const fate of FATES) if (hasFate(row, fate, where)) counts[fate]++;
  return counts;
}

function hasFate(
  row: MatrixRow,
  fate: Fate,
  { columns, baseline }: Pick<MatrixFilter, 'columns' | 'baseline'>,
) {
  const before = row.verdicts[baseline] ?? '-';
  return columns.some((column) => fateOf(before, row.verdicts[column] ?? '-') === fate);
}
