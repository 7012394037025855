/** The whole vocabulary as a table: sorted by any column, filtered, and drawn only where it is in sight. */

import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, memo, type RefObject, useEffect, useMemo, useRef } from 'react';
import { visibleToken } from '../../engine/protocol';
import { ChartExport } from '../export/chart-export';
import { type ChartData, TOKEN_COLUMNS, tokenCells } from '../export/csv';
import { cachedOrder, filtered, type Sources } from '../run/vocabulary/metrics';
import { identity } from '../run/vocabulary/order';
import type { TokenMatcher } from '../run/vocabulary/token-matcher';
import { useAppState, useStudio } from '../state/studio-context';
import { useReading } from '../state/use-reading';
import { TableColumn } from '../state/vocabulary-state';
import { AnswerMass, PositionPicker } from './answer-needs';
import { COLUMN_TEXTS, columnValues, writeCell } from './table-columns';
import type { AnswerReadings } from './use-answer';
import { WatchButton } from './watch-button';
import './vocabulary-table.css';

const ROW_HEIGHT = 21;
const OVERSCAN = 6;

interface VocabularyTableProps {
  readonly tokens: readonly string[];
  readonly sources: Sources;
  readonly mask: Uint8Array | null;
  readonly matcher: TokenMatcher | null;
  readonly answer: AnswerReadings;
  readonly isCurrent: boolean;
}

const COLUMNS = TableColumn.options;
const STYLE = {
  '--columns': COLUMNS.map((each) => `${COLUMN_TEXTS[each].width}px`).join(' '),
} as CSSProperties;

const isFigure = (column: TableColumn) => column !== 'token' && column !== 'id';

/** Drawn again only when what it shows changes: typing in the filter does not wait for it. */
export const VocabularyTable = memo(function VocabularyTable(props: VocabularyTableProps) {
  const { tokens, sources, mask, matcher, answer, isCurrent } = props;
  const { column } = useAppState((state) => state.tableSort);
  const ids = useRows(tokens, sources, mask, matcher);
  const scroller = useTopOfNewRows(ids);
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
  });
  const values = useMemo(() => COLUMNS.map((each) => columnValues(each, sources)), [sources]);

  return (
    <div className="vocabulary-table">
      <div className="vocabulary-table__needs">
        <PositionPicker answer={answer} />
        <ChartExport title="Vocabulary" chart=".vocabulary-table" data={() => dataOf(ids, tokens, values)} />
        {answer.index !== null && <AnswerMass answer={answer} />}
      </div>
      {/* biome-ignore-start lint/a11y/useSemanticElements: rows that stand at their own height are no table rows */}
      <div
        ref={scroller}
        className="vocabulary-table__scroller"
        role="table"
        aria-label={`Vocabulary, by ${COLUMN_TEXTS[column].head}`}
        aria-rowcount={ids.length + 1}
        aria-busy={!isCurrent}
        data-testid="vocabulary-table"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is in reach of the keyboard
        tabIndex={0}
        style={STYLE}
      >
        <TableHead values={values} />
        <div role="rowgroup" className="vocabulary-table__body" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const id = ids[index] ?? 0;
            return (
              <TableRow
                key={index}
                id={id}
                token={tokens[id] ?? ''}
                index={index}
                start={start}
                values={values}
                sorted={column}
              />
            );
          })}
        </div>
        {ids.length === 0 && <p className="chart__empty">No token matches.</p>}
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements: as above */}
    </div>
  );
});

/** What scrolls the rows, back at the top where they are others. */
function useTopOfNewRows(ids: Uint32Array): RefObject<HTMLDivElement | null> {
  const scroller = useRef<HTMLDivElement>(null);
  const shownIds = useRef(ids);
  useEffect(() => {
    if (shownIds.current !== ids) scroller.current?.scrollTo({ top: 0 });
    shownIds.current = ids;
  }, [ids]);
  return scroller;
}

function dataOf(
  ids: Uint32Array,
  tokens: readonly string[],
  values: readonly (Float32Array | null)[],
): ChartData {
  return {
    columns: [...TOKEN_COLUMNS, ...COLUMNS.filter(isFigure)],
    rows: Array.from(ids, (id) => [
      ...tokenCells(id, tokens[id] ?? ''),
      ...COLUMNS.flatMap((each, at) => (isFigure(each) ? [values[at]?.[id] ?? null] : [])),
    ]),
  };
}

function TableHead({ values }: { values: readonly (Float32Array | null)[] }) {
  return (
    // biome-ignore-start lint/a11y/useSemanticElements: part of the table above
    <div role="rowgroup" className="vocabulary-table__head">
      <div role="row" className="vocabulary-table__row" aria-rowindex={1} tabIndex={-1}>
        {COLUMNS.map((each, at) => (
          <ColumnHead key={each} column={each} hasValues={values[at] !== null} />
        ))}
      </div>
    </div>
    // biome-ignore-end lint/a11y/useSemanticElements: as above
  );
}

interface TableRowProps {
  readonly id: number;
  readonly token: string;
  readonly index: number;
  readonly start: number;
  readonly values: readonly (Float32Array | null)[];
  readonly sorted: TableColumn;
}

const TableRow = memo(function TableRow({ id, token, index, start, values, sorted }: TableRowProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of the table above
    <div
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      className="vocabulary-table__row"
      style={{ top: start }}
    >
      {COLUMNS.map((each, at) =>
        each === 'token' ? (
          // biome-ignore lint/a11y/useSemanticElements: as above
          <div key={each} role="rowheader" className="vocabulary-table__token" tabIndex={-1}>
            <WatchButton id={id} token={token} />
            <span className="mono" title={visibleToken(token, 400)}>
              {visibleToken(token, 32)}
            </span>
          </div>
        ) : (
          // biome-ignore lint/a11y/useSemanticElements: as above
          <div key={each} role="cell" className={each === sorted ? 'is-sorted' : undefined}>
            {each === 'id' ? id : writeCell(each, values[at]?.[id])}
          </div>
        ),
      )}
    </div>
  );
});

function ColumnHead({ column, hasValues }: { column: TableColumn; hasValues: boolean }) {
  const { store } = useStudio();
  const sort = useAppState((state) => state.tableSort);
  const isSorted = sort.column === column;
  const { head, meaning } = COLUMN_TEXTS[column];
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of the table above
    <div
      role="columnheader"
      tabIndex={-1}
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        className="vocabulary-table__sort"
        title={hasValues || !isFigure(column) ? meaning : `${meaning} Not read yet: see above the table.`}
        onClick={() =>
          store.setState({
            tableSort: { column, descending: isSorted ? !sort.descending : isFigure(column) },
          })
        }
      >
        {head}
        <span aria-hidden="true">{isSorted ? (sort.descending ? ' ▾' : ' ▴') : ''}</span>
      </button>
    </div>
  );
}

/** Ids in the order of the chosen column, those that the filter lets through. */
function useRows(
  tokens: readonly string[],
  sources: Sources,
  mask: Uint8Array | null,
  matcher: TokenMatcher | null,
): Uint32Array {
  const { column, descending } = useAppState((state) => state.tableSort);
  const byText = useTextOrder(matcher, column === 'token');
  const values = columnValues(column, sources);
  const size = tokens.length;
  return useMemo(() => {
    const order = values ? cachedOrder(values, descending) : (column === 'token' && byText) || identity(size);
    const rows = filtered(order, mask);
    // Text and ids come in one order; a vector's other order keeps equal values by id.
    return values === null && descending ? rows.slice().reverse() : rows;
  }, [values, descending, column, byText, size, mask]);
}

/** Sorting 150,000 texts takes longer than a frame: the search worker does it, once. */
function useTextOrder(matcher: TokenMatcher | null, wanted: boolean): Uint32Array | null {
  const { value } = useReading({
    key: wanted && matcher ? 'order' : null,
    scope: matcher,
    read: () => matcher!.match({ kind: 'order' }),
  });
  return value && 'ids' in value ? value.ids : null;
}
