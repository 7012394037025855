/** Token × step: how the tokens that the chosen step moved most got there, with the watched ones. */

import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { visibleToken } from '../../engine/protocol';
import { ChartFrame } from '../charts/chart-frame';
import { drawHeatmap, HEATMAP_COLOURS, ROW } from '../charts/draw-heatmap';
import { useColours } from '../charts/use-colours';
import { useWidth } from '../charts/use-width';
import { TOKEN_COLUMNS, tokenCells } from '../export/csv';
import { heatmapRows, isStepMetric, type StepMetric, valuesByStep } from '../run/vocabulary/heatmap';
import { type Metric, metricValues } from '../run/vocabulary/metrics';
import { firstOf } from '../run/vocabulary/order';
import { useSelectedStep } from '../state/use-selected-step';
import { withinSentence } from '../ui/text/format';
import { HeatmapLegend } from './heatmap-legend';
import { METRIC_TEXTS, writeMetric } from './metric-texts';
import { useSeries } from './use-series';
import type { Vocabulary } from './use-vocabulary';
import { WatchButton } from './watch-button';
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
      const values = own && steps ? valuesByStep(own, shown, steps).slice(1) : [];
      return values.length > 0 ? values : [null];
    });
    const largest = rows.flat().reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
    return { rows, largest };
  }, [ids, series, shown, steps]);

  const text = METRIC_TEXTS[shown];
  const count = steps?.length ?? 0;
  const stepColumns = Array.from({ length: count }, (_, at) => `step ${at + 1}`);
  const figures = () => ({
    columns: ['token', 'id', ...stepColumns],
    rows: ids.map((id, row) => [
      visibleToken(tokens?.[id] ?? ''),
      String(id),
      ...(cells.rows[row] ?? []).map((value) => (value === null ? '' : writeMetric(shown, value))),
    ]),
  });
  const data = () => ({
    columns: [...TOKEN_COLUMNS, ...stepColumns],
    rows: ids.map((id, row) => [...tokenCells(id, tokens?.[id] ?? ''), ...(cells.rows[row] ?? [])]),
  });

  return (
    <ChartFrame
      title="Token × step"
      unit={`${withinSentence(text.name)}, ${text.unit}`}
      testId="heatmap"
      summary={`${ids.length} tokens over ${count} steps: those that step ${step} moved most by ${withinSentence(text.name)}, and the watched ones.`}
      figures={figures}
      data={data}
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

interface CellsProps {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  readonly cells: { readonly rows: readonly (readonly (number | null)[])[]; readonly largest: number };
  readonly metric: StepMetric;
  readonly watched: ReadonlySet<number>;
  readonly step: number;
}

function Cells({ ids, tokens, cells, metric, watched, step }: CellsProps) {
  const { select } = useSelectedStep();
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(holder);
  const colours = useColours(holder, HEATMAP_COLOURS);
  const [row, setRow] = useState(0);
  const [hovered, setHovered] = useState<{ row: number; step: number } | null>(null);
  const count = cells.rows[0]?.length ?? 1;

  useEffect(() => {
    if (canvas.current && colours && width > 0) drawHeatmap(canvas.current, cells, width, colours);
  }, [cells, width, colours]);

  const at = ({ clientX, clientY, currentTarget }: PointerEvent<HTMLElement>) => {
    const box = currentTarget.getBoundingClientRect();
    const clamp = (value: number, most: number) => Math.max(0, Math.min(most, Math.floor(value)));
    return {
      row: clamp((clientY - box.top) / ROW, ids.length - 1),
      step: clamp(((clientX - box.left) / box.width) * count, count - 1) + 1,
    };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setRow(Math.min(ids.length - 1, row + 1));
    else if (event.key === 'ArrowUp') setRow(Math.max(0, row - 1));
    else if (event.key === 'ArrowRight') select(step + 1);
    else if (event.key === 'ArrowLeft') select(step - 1);
    else return;
    setHovered(null);
    event.preventDefault();
  };

  const told = hovered ?? { row: Math.min(row, ids.length - 1), step: Math.max(1, Math.min(step, count)) };
  const id = ids[told.row] ?? 0;
  const value = cells.rows[told.row]?.[told.step - 1];
  const figure = value === null || value === undefined ? 'not kept' : writeMetric(metric, value);
  const cell = width / count;

  return (
    <div className="heatmap">
      <p className="heatmap__told" role="status" data-testid="heatmap-told">
        <span className="mono">{visibleToken(tokens[id] ?? '', 24)}</span> step {told.step}:{' '}
        <strong>{figure}</strong> {METRIC_TEXTS[metric].unit}
      </p>
      <ul className="heatmap__tokens">
        {ids.map((each, index) => (
          <li
            key={each}
            className={index === told.row ? 'heatmap__current' : undefined}
            style={{ height: ROW }}
          >
            <WatchButton id={each} token={tokens[each] ?? ''} />
            <span className={`mono ${watched.has(each) ? 'heatmap__watched' : ''}`}>
              {visibleToken(tokens[each] ?? '', 20)}
            </span>
          </li>
        ))}
      </ul>
      {/* biome-ignore lint/a11y/useSemanticElements: cells are painted; the frame's table holds them as text */}
      <div
        ref={holder}
        className="heatmap__cells"
        role="group"
        aria-label="Cells: up and down choose the token, left and right the step"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
        tabIndex={0}
        style={{ height: ids.length * ROW }}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => setHovered(at(event))}
        onPointerLeave={() => setHovered(null)}
        onClick={(event) => {
          const clicked = at(event as unknown as PointerEvent<HTMLElement>);
          setRow(clicked.row);
          select(clicked.step);
        }}
      >
        <canvas ref={canvas} />
        {step > 0 && (
          <span
            className="heatmap__step"
            data-testid="heatmap-step"
            data-step={Math.min(step, count)}
            style={{ left: (Math.min(step, count) - 1) * cell, width: Math.max(2, cell - 1) }}
          />
        )}
        <span
          className="heatmap__cell"
          style={{
            top: told.row * ROW,
            left: (told.step - 1) * cell,
            width: Math.max(2, cell - 1),
            height: ROW - 1,
          }}
        />
      </div>
      <div className="heatmap__axis muted">
        <span>step 1</span>
        {count > 1 && <span>{count}</span>}
      </div>
    </div>
  );
}
