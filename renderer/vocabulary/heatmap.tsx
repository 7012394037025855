/** Token × step: how the tokens that the chosen step moved most got there, with the watched ones. */

import { useMemo } from 'react';
import { visibleToken } from '../../engine/protocol';
import { ChartFrame } from '../charts/chart-frame';
import { type ChartData, TOKEN_COLUMNS, tokenCells } from '../export/csv';
import { heatmapRows, isStepMetric, type StepMetric, valuesByStep } from '../run/vocabulary/heatmap';
import { METRIC_TEXTS, writeMetric } from '../run/vocabulary/metric-texts';
import { type Metric, metricValues } from '../run/vocabulary/metrics';
import { firstOf } from '../run/vocabulary/order';
import { withinSentence } from '../ui/text/format';
import { Cells } from './heatmap-cells';
import { HeatmapLegend } from './heatmap-legend';
import { useSeries } from './use-series';
import { scaledWords, type Vocabulary } from './use-vocabulary';
import './heatmap.css';

const MAX_EACH_WAY = 14;

interface HeatmapProps {
  readonly vocabulary: Vocabulary;
  readonly metric: Metric;
  readonly mask: Uint8Array | null;
}

export function Heatmap({ vocabulary, metric, mask }: HeatmapProps) {
  const { columns, lane, tokens, watched, step } = vocabulary;
  const shown: StepMetric = isStepMetric(metric) ? metric : 'centred';
  const watchedIds = useMemo(() => watched.map(({ id }) => id), [watched]);
  const ids = useMemo(() => {
    const values = columns && metricValues(shown, { step: columns, position: null, answerMass: null });
    if (!values) return [];
    const up = firstOf(values, true, mask, MAX_EACH_WAY);
    const down = firstOf(values, false, mask, MAX_EACH_WAY);
    return heatmapRows(up, down, watchedIds, values);
  }, [columns, shown, mask, watchedIds]);
  const series = useSeries(vocabulary, ids);
  const steps = lane?.steps;
  const cells = useMemo(() => {
    const rows = ids.map((id) => {
      const own = series.get(id);
      const values = own && steps ? valuesByStep(own, shown, steps.length).slice(1) : [];
      return values.length > 0 ? values : [null];
    });
    const largest = rows.flat().reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
    return { rows, largest };
  }, [ids, series, shown, steps]);

  const text = METRIC_TEXTS[shown];
  const count = steps?.length ?? 0;
  const rows: HeatmapRows = { ids, tokens, cells: cells.rows, count };

  return (
    <ChartFrame
      title="Token × step"
      unit={`${withinSentence(text.name)}, ${text.unit}${scaledWords(vocabulary)}`}
      testId="heatmap"
      summary={`${ids.length} tokens over ${count} steps: those that step ${step} moved most by ${withinSentence(text.name)}, and the watched ones.`}
      figures={() => figuresOf(rows, shown)}
      data={() => dataOf(rows)}
    >
      {ids.length === 0 || !tokens ? (
        <p className="chart__empty">{count === 0 ? 'Fills as SLOT runs.' : 'Reading the vocabulary…'}</p>
      ) : (
        <>
          {shown !== metric && (
            <p className="muted heatmap__note">
              {METRIC_TEXTS[metric].name} is of the final delta alone; steps are shown by{' '}
              {withinSentence(text.name)}.
            </p>
          )}
          <Cells
            ids={ids}
            tokens={tokens}
            cells={cells}
            metric={shown}
            watched={new Set(watchedIds)}
            step={step}
          />
          <HeatmapLegend largest={cells.largest} metric={shown} />
        </>
      )}
    </ChartFrame>
  );
}

interface HeatmapRows {
  readonly ids: readonly number[];
  readonly tokens: readonly string[] | null;
  /** By row and step. */
  readonly cells: readonly (readonly (number | null)[])[];
  readonly count: number;
}

function stepColumns(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `step ${at + 1}`);
}

function figuresOf({ ids, tokens, cells, count }: HeatmapRows, metric: StepMetric) {
  return {
    columns: ['token', 'id', ...stepColumns(count)],
    rows: ids.map((id, row) => [
      visibleToken(tokens?.[id] ?? ''),
      String(id),
      ...(cells[row] ?? []).map((value) => (value === null ? '' : writeMetric(metric, value))),
    ]),
  };
}

function dataOf({ ids, tokens, cells, count }: HeatmapRows): ChartData {
  return {
    columns: [...TOKEN_COLUMNS, ...stepColumns(count)],
    rows: ids.map((id, row) => [...tokenCells(id, tokens?.[id] ?? ''), ...(cells[row] ?? [])]),
  };
}
