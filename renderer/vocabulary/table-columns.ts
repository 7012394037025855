/** The columns of the vocabulary table: what each shows, and the vector it is sorted by. */

import { METRIC_TEXTS, writeMetric } from '../run/vocabulary/metric-texts';
import { Metric, metricValues, type Sources } from '../run/vocabulary/metrics';
import type { TableColumn } from '../state/vocabulary-state';
import { number } from '../ui/text/format';

export interface ColumnText {
  readonly head: string;
  readonly meaning: string;
  /** Pixels. */
  readonly width: number;
}

const PROBABILITY_WIDTH = 78;

export const COLUMN_TEXTS: Readonly<Record<TableColumn, ColumnText>> = {
  token: { head: 'token', meaning: 'Text of the token; spaces and controls are made visible.', width: 150 },
  id: { head: 'id', meaning: 'Row of the head’s matrix.', width: 62 },
  raw: ofMetric('raw', 70),
  centred: ofMetric('centred', 74),
  baseMeanP: {
    head: 'p̄ before, %',
    meaning: 'Mean probability over the prompt, without delta.',
    width: PROBABILITY_WIDTH,
  },
  meanP: {
    head: 'p̄ after, %',
    meaning: 'Mean probability over the prompt, with delta.',
    width: PROBABILITY_WIDTH,
  },
  mass: ofMetric('mass', 74, 'mass, pp'),
  rank: ofMetric('rank', 74),
  answerMass: ofMetric('answerMass', 106, 'mass, answer, pp'),
  logprob: ofMetric('logprob', 74),
  answerRank: ofMetric('answerRank', 92),
};

function ofMetric(metric: Metric, width: number, head = METRIC_TEXTS[metric].short): ColumnText {
  const { meaning, formula } = METRIC_TEXTS[metric];
  return { head, meaning: `${meaning} ${formula}`, width };
}

/** [V], or null where it has not been read; text and ids have none. */
export function columnValues(column: TableColumn, sources: Sources): Float32Array | null {
  if (column === 'token' || column === 'id') return null;
  if (column === 'meanP' || column === 'baseMeanP') return sources.step?.[column] ?? null;
  return metricValues(column, sources);
}

export function writeCell(column: TableColumn, value: number | undefined): string {
  if (value === undefined) return '·';
  if (column === 'meanP' || column === 'baseMeanP') return number(value * 100, 3);
  const metric = Metric.safeParse(column);
  return metric.success ? writeMetric(metric.data, value) : String(value);
}
