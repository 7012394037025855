/** The matrix itself: only the rows in sight are drawn; arrow keys move, Enter opens a problem. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, memo, useId, useRef, useState } from 'react';
import { type MatrixRow, oneLine } from '../../../engine/protocol';
import { useStudio } from '../../state/studio-context';
import { FATE_WORDS, type Fate, fateOf } from './filter';

// biome-ignore-start lint/a11y/useSemanticElements: rows that stand at their own height are no table rows
// biome-ignore-start lint/a11y/useFocusableInteractive: the table has the focus and names its active row

const ROW_HEIGHT = 27;
const OVERSCAN = 8;

interface MatrixTableProps {
  readonly rows: readonly MatrixRow[];
  readonly lanes: readonly string[];
  readonly baseline: number;
}

export const MatrixTable = memo(function MatrixTable(props: MatrixTableProps) {
  if (props.rows.length > 0) return <Table {...props} />;
  return <p className="evaluate__empty muted">No problem fits the filter.</p>;
});

function Table({ rows, lanes, baseline }: MatrixTableProps) {
  const { evaluations } = useStudio();
  const scroller = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(0);
  const base = useId();
  const at = Math.min(chosen, Math.max(0, rows.length - 1));
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
  });
  const open = (row?: MatrixRow) => row && evaluations.show({ problem: row.problem });
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(at, event.key, rows.length);
    if (event.key === 'Enter') open(rows[at]);
    else if (next === null) return;
    else {
      setChosen(next);
      virtual.scrollToIndex(next);
    }
    event.preventDefault();
  };
  return (
    <div
      ref={scroller}
      className="matrix"
      role="grid"
      aria-label="Problems by lanes; Enter opens one"
      aria-rowcount={rows.length + 1}
      aria-colcount={lanes.length + 2}
      aria-activedescendant={`${base}-${at}`}
      data-testid="matrix"
      tabIndex={0}
      style={{ '--lanes': lanes.length } as CSSProperties}
      onKeyDown={onKeyDown}
    >
      <Head lanes={lanes} baseline={baseline} />
      <div role="rowgroup" className="matrix__body" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return (
            row && (
              <Row
                key={row.problem}
                id={`${base}-${index}`}
                row={row}
                index={index}
                start={start}
                baseline={baseline}
                isChosen={index === at}
                onOpen={() => open(row)}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function Head({ lanes, baseline }: Pick<MatrixTableProps, 'lanes' | 'baseline'>) {
  return (
    <div role="rowgroup" className="matrix__head">
      <div role="row" className="matrix__row" aria-rowindex={1} tabIndex={-1}>
        <span role="columnheader">problem</span>
        <span role="columnheader">question</span>
        {lanes.map((lane, column) => (
          <span key={lane} role="columnheader" className="matrix__lane" title={lane}>
            {lane}
            {column === baseline && <span className="visually-hidden"> (baseline)</span>}
          </span>
        ))}
      </div>
    </div>
  );
}

function moved(at: number, key: string, count: number): number | null {
  const by: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = by[key];
  return step === undefined ? null : Math.max(0, Math.min(count - 1, at + step));
}

interface RowProps {
  readonly id: string;
  readonly row: MatrixRow;
  readonly index: number;
  readonly start: number;
  readonly baseline: number;
  readonly isChosen: boolean;
  readonly onOpen: () => void;
}

function Row({ id, row, index, start, baseline, isChosen, onOpen }: RowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the table takes the keys
    <div
      id={id}
      role="row"
      className="matrix__row"
      data-testid="matrix-row"
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      tabIndex={-1}
      style={{ transform: `translateY(${start}px)` }}
      onClick={onOpen}
    >
      <span role="gridcell" className="mono matrix__id">
        {row.problem}
      </span>
      <span role="gridcell" className="matrix__question" dir="auto">
        {oneLine(row.question, 200)}
      </span>
      {row.verdicts.map((verdicts, column) => (
        <Cell
          // biome-ignore lint/suspicious/noArrayIndexKey: columns are lanes, in order
          key={column}
          verdicts={verdicts}
          fate={column === baseline ? null : fateOf(row.verdicts[baseline] ?? '-', verdicts)}
        />
      ))}
    </div>
  );
}

/** @param fate null for the baseline itself */
function Cell({ verdicts, fate }: { verdicts: string; fate: Fate | null }) {
  return (
    <span
      role="gridcell"
      className="matrix__cell"
      data-fate={fate ?? 'baseline'}
      title={fate === null || fate === 'open' ? undefined : FATE_WORDS[fate]}
    >
      <span aria-hidden="true">{signOf(verdicts)}</span>
      <span className="visually-hidden">{wordsOf(verdicts)}</span>
    </span>
  );
}

const SIGNS: Readonly<Record<string, string>> = { r: '✓', w: '✗', u: '?', '-': '·' };
const WORDS: Readonly<Record<string, string>> = {
  r: 'right',
  w: 'wrong',
  u: 'undecided',
  '-': 'no answer yet',
};

function signOf(verdicts: string): string {
  if (verdicts.length === 1) return SIGNS[verdicts] ?? '';
  return `${[...verdicts].filter((verdict) => verdict === 'r').length}`;
}

function wordsOf(verdicts: string): string {
  if (verdicts.length === 1) return WORDS[verdicts] ?? '';
  return `${signOf(verdicts)} of ${verdicts.length} right`;
}
// biome-ignore-end lint/a11y/useFocusableInteractive: as above
// biome-ignore-end lint/a11y/useSemanticElements: as above
