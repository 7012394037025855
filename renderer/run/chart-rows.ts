/** Curves side by side as rows of a chart or table, and a selection of them where there are more than pixels. */
import type { Curve } from './curves';

export interface ChartRow {
  readonly step: number;
  /** One value per curve; null where it has none at this step. */
  readonly values: readonly (number | null)[];
}

export function chartRows(curves: readonly Curve[]): ChartRow[] {
  const byStep = curves.map(({ points }) => new Map(points.map(({ step, value }) => [step, value])));
  const last = curves.reduce((most, { points }) => Math.max(most, points.at(-1)?.step ?? -1), -1);
  return Array.from({ length: last + 1 }, (_, step) => ({
    step,
    values: byStep.map((values) => values.get(step) ?? null),
  }));
}

/**
 * About `most` of the rows: both ends, and of each stretch between them those where a curve is lowest and highest, so
 * that no spike is lost.
 */
export function thinRows(rows: readonly ChartRow[], most: number): readonly ChartRow[] {
  const curves = rows[0]?.values.length ?? 0;
  if (rows.length <= most || curves === 0) return rows;
  const stretch = Math.ceil((rows.length * 2 * curves) / most);
  const kept = new Set<ChartRow>();
  for (let from = 0; from < rows.length; from += stretch) {
    const part = rows.slice(from, from + stretch);
    for (let curve = 0; curve < curves; curve++) {
      const at = (row: ChartRow) => row.values[curve] ?? Number.NaN;
      const having = part.filter((row) => Number.isFinite(at(row)));
      if (having.length === 0) continue;
      kept.add(having.reduce((low, row) => (at(row) < at(low) ? row : low)));
      kept.add(having.reduce((high, row) => (at(row) > at(high) ? row : high)));
    }
  }
  return rows.filter((row, index) => index === 0 || index === rows.length - 1 || kept.has(row));
}
