/** The sweep: right answers by steps and learning rate against the baseline, the selected cell marked. */
import { type CSSProperties, type KeyboardEvent, useState } from 'react';
import type { LaneSummary } from '../../../engine/protocol';
import { ChartFrame } from '../../charts/chart-frame';
import { interval, pointsOf, pValue, share } from '../words';
import type { SweepGrid } from './series';

export function SweepMap({ grid, lanes }: { grid: SweepGrid; lanes: readonly LaneSummary[] }) {
  const baseline = lanes.find(({ lane, half }) => lane.steps === 0 && half !== 'report');
  const base = baseline?.graders[0]?.right.rate ?? 0;
  const cells = grid.rows.flatMap(({ cells: row }) => row.filter((cell) => cell !== null));
  const selected = cells.find((cell) => cell.selected);
  const title = `Right answers by steps and lr${grid.name === '' ? '' : ` (${grid.name})`}`;
  return (
    <ChartFrame
      title={title}
      unit={`baseline ${share(base)}`}
      testId="sweep-map"
      summary={
        selected
          ? `The selected cell is ${selected.lane.name} with ${share(rateOf(selected))}; the baseline has ${share(base)}.`
          : `${cells.length} cells; none of them is selected.`
      }
      figures={() => ({
        columns: ['lr', ...grid.steps.map((steps) => `${steps} steps`)],
        rows: grid.rows.map(({ lr, cells: row }) => [
          String(lr),
          ...row.map((cell) => (cell ? share(rateOf(cell)) + (cell.selected ? ' selected' : '') : '')),
        ]),
      })}
      data={() => ({
        columns: ['steps', 'lr', 'right', 'lower', 'upper', 'baseline', 'selected'],
        rows: cells.map(({ lane, graders: [headline], selected: isSelected }) => {
          const { rate, lower, upper } = headline!.right;
          return [lane.steps, lane.lr, rate, lower, upper, base, isSelected ? 1 : 0];
        }),
      })}
    >
      <Cells grid={grid} base={base} />
    </ChartFrame>
  );
}

function rateOf({ graders: [headline] }: LaneSummary): number {
  return headline!.right.rate;
}

/** Where the keyboard or the pointer is. */
interface Place {
  readonly row: number;
  readonly column: number;
}

function Cells({ grid, base }: { grid: SweepGrid; base: number }) {
  const [at, setAt] = useState<Place>(() => selectedPlace(grid));
  const told = grid.rows[at.row]?.cells[at.column] ?? null;
  const reach = Math.max(
    0.05,
    ...grid.rows.flatMap(({ cells }) => cells.map((cell) => (cell ? Math.abs(rateOf(cell) - base) : 0))),
  );
  const move = (event: KeyboardEvent) => {
    const next = moved(at, event.key, grid);
    if (!next) return;
    event.preventDefault();
    setAt(next);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: the frame's table holds it as text
    <div
      className="sweep-map"
      role="group"
      aria-label="Cells: up and down choose the learning rate, left and right the steps"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
      tabIndex={0}
      onKeyDown={move}
    >
      <Told cell={told} />
      <div
        className="sweep-map__grid"
        style={{ '--columns': grid.steps.length } as CSSProperties}
        aria-hidden="true"
      >
        <span className="muted">lr</span>
        {grid.steps.map((steps) => (
          <span key={steps} className="muted">
            {steps} {steps === 1 ? 'step' : 'steps'}
          </span>
        ))}
        {grid.rows.map(({ lr, cells }, row) => [
          <span key={lr} className="muted">
            {lr}
          </span>,
          ...cells.map((cell, column) => (
            <Cell
              key={grid.steps[column]}
              cell={cell}
              depth={cell ? (rateOf(cell) - base) / reach : 0}
              isTold={row === at.row && column === at.column}
              onHover={() => setAt({ row, column })}
            />
          )),
        ])}
      </div>
    </div>
  );
}

interface CellProps {
  readonly cell: LaneSummary | null;
  /** −1 to 1: worse or better than the baseline. */
  readonly depth: number;
  readonly isTold: boolean;
  readonly onHover: () => void;
}

function Cell({ cell, depth, isTold, onHover }: CellProps) {
  const side = depth < 0 ? 'down' : 'up';
  const strength = Math.round(60 * Math.min(1, Math.abs(depth)));
  return (
    <span
      className="sweep-map__cell"
      data-told={isTold}
      data-selected={cell?.selected ?? false}
      style={{ backgroundColor: `color-mix(in srgb, var(--${side}) ${strength}%, var(--surface-sunk))` }}
      onPointerEnter={onHover}
    >
      {cell && cell.answers > 0 ? (100 * rateOf(cell)).toFixed(1) : '–'}
      {cell?.selected && <span className="sweep-map__mark"> ✓</span>}
    </span>
  );
}

function Told({ cell }: { cell: LaneSummary | null }) {
  if (!cell) return <p className="steps-plot__told muted">No such lane.</p>;
  const { right, versus } = cell.graders[0]!;
  return (
    <p className="steps-plot__told" role="status" data-testid="sweep-told">
      {cell.lane.name}
      {cell.selected && ' (selected)'}: <strong>{share(right.rate)}</strong>{' '}
      <span className="muted">({interval(right.lower, right.upper)})</span>
      {versus &&
        `, ${pointsOf(versus.difference)} points, p ${pValue(versus.corrected ?? versus.p)}${versus.corrected === null ? '' : ' by Holm'}`}
    </p>
  );
}

function selectedPlace(grid: SweepGrid): Place {
  for (const [row, { cells }] of grid.rows.entries()) {
    const column = cells.findIndex((cell) => cell?.selected);
    if (column >= 0) return { row, column };
  }
  return { row: 0, column: 0 };
}

function moved({ row, column }: Place, key: string, grid: SweepGrid): Place | null {
  const by: Partial<Record<string, readonly [number, number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  const step = by[key];
  if (!step) return null;
  const within = (value: number, length: number) => Math.max(0, Math.min(length - 1, value));
  return {
    row: within(row + step[0], grid.rows.length),
    column: within(column + step[1], grid.steps.length),
  };
}
