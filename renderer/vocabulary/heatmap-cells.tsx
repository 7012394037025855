/** The heatmap's cells: a row for each token, a column for each step, and what the chosen one holds. */
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import { visibleToken } from '../../engine/protocol';
import { drawHeatmap, HEATMAP_COLOURS, type HeatmapCells, ROW } from '../charts/draw-heatmap';
import { useColours } from '../charts/use-colours';
import { useWidth } from '../charts/use-width';
import type { StepMetric } from '../run/vocabulary/heatmap';
import { METRIC_TEXTS, writeMetric } from '../run/vocabulary/metric-texts';
import { useSelectedStep } from '../state/use-selected-step';
import { WatchButton } from './watch-button';

interface CellsProps {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  readonly cells: HeatmapCells;
  readonly metric: StepMetric;
  readonly watched: ReadonlySet<number>;
  readonly step: number;
}

/** Steps count from 1. */
interface Place {
  readonly row: number;
  readonly step: number;
}

export function Cells({ ids, tokens, cells, metric, watched, step }: CellsProps) {
  const { select } = useSelectedStep();
  const [row, setRow] = useState(0);
  const [hovered, setHovered] = useState<Place | null>(null);
  const count = cells.rows[0]?.length ?? 1;
  const told = hovered ?? { row: Math.min(row, ids.length - 1), step: Math.max(1, Math.min(step, count)) };
  const value = cells.rows[told.row]?.[told.step - 1];
  const figure = value === null || value === undefined ? 'not kept' : writeMetric(metric, value);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setRow(Math.min(ids.length - 1, row + 1));
    else if (event.key === 'ArrowUp') setRow(Math.max(0, row - 1));
    else if (event.key === 'ArrowRight') select(step + 1);
    else if (event.key === 'ArrowLeft') select(step - 1);
    else return;
    setHovered(null);
    event.preventDefault();
  };
  const choose = (place: Place) => {
    setRow(place.row);
    select(place.step);
  };

  return (
    <div className="heatmap">
      <p className="heatmap__told" role="status" data-testid="heatmap-told">
        <span className="mono">{visibleToken(tokens[ids[told.row] ?? 0] ?? '', 24)}</span> step {told.step}:{' '}
        <strong>{figure}</strong> {METRIC_TEXTS[metric].unit}
      </p>
      <TokenNames ids={ids} tokens={tokens} watched={watched} current={told.row} />
      <PaintedCells
        cells={cells}
        told={told}
        step={step}
        onKeyDown={onKeyDown}
        onHover={setHovered}
        onChoose={choose}
      />
      <div className="heatmap__axis muted">
        <span>step 1</span>
        {count > 1 && <span>{count}</span>}
      </div>
    </div>
  );
}

interface TokenNamesProps extends Pick<CellsProps, 'ids' | 'tokens' | 'watched'> {
  /** A row. */
  readonly current: number;
}

function TokenNames({ ids, tokens, watched, current }: TokenNamesProps) {
  return (
    <ul className="heatmap__tokens">
      {ids.map((each, index) => (
        <li key={each} className={index === current ? 'heatmap__current' : undefined} style={{ height: ROW }}>
          <WatchButton id={each} token={tokens[each] ?? ''} />
          <span className={`mono ${watched.has(each) ? 'heatmap__watched' : ''}`}>
            {visibleToken(tokens[each] ?? '', 20)}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface PaintedCellsProps {
  readonly cells: HeatmapCells;
  readonly told: Place;
  /** The selected one; 0 is before the first. */
  readonly step: number;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onHover: (place: Place | null) => void;
  readonly onChoose: (place: Place) => void;
}

function PaintedCells({ cells, told, step, onKeyDown, onHover, onChoose }: PaintedCellsProps) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(holder);
  const colours = useColours(holder, HEATMAP_COLOURS);
  const rows = cells.rows.length;
  const count = cells.rows[0]?.length ?? 1;
  const column = Math.min(step, count);
  const cell = width / count;

  useEffect(() => {
    if (canvas.current && colours && width > 0) drawHeatmap(canvas.current, cells, width, colours);
  }, [cells, width, colours]);

  const at = ({ clientX, clientY, currentTarget }: MouseEvent<HTMLElement>): Place => {
    const box = currentTarget.getBoundingClientRect();
    const clamp = (value: number, most: number) => Math.max(0, Math.min(most, Math.floor(value)));
    return {
      row: clamp((clientY - box.top) / ROW, rows - 1),
      step: clamp(((clientX - box.left) / box.width) * count, count - 1) + 1,
    };
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: cells are painted; the frame's table holds them as text
    <div
      ref={holder}
      className="heatmap__cells"
      role="group"
      aria-label="Cells: up and down choose the token, left and right the step"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
      tabIndex={0}
      style={{ height: rows * ROW }}
      onKeyDown={onKeyDown}
      onPointerMove={(event) => onHover(at(event))}
      onPointerLeave={() => onHover(null)}
      onClick={(event) => onChoose(at(event))}
    >
      <canvas ref={canvas} />
      {step > 0 && (
        <span
          className="heatmap__step"
          data-testid="heatmap-step"
          data-step={column}
          style={{ left: (column - 1) * cell, width: Math.max(2, cell - 1) }}
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
  );
}
