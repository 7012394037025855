/** Probabilities of a few tokens under two or more distributions: a table whose cells carry the bars. */

import type { ReactNode } from 'react';
import { visibleToken } from '../../engine/protocol';
import { ChartExport } from '../export/chart-export';
import { TOKEN_COLUMNS, tokenCells } from '../export/csv';
import { percent } from '../ui/text/format';
import './paired-chart.css';

export interface Series {
  readonly name: string;
  /** A lane's colour; null is the distribution without delta, whose bars are hollow. */
  readonly tone: number | null;
}

export interface PairedRow {
  readonly id: number;
  readonly token: string;
  /** One per series; null where it is not known. */
  readonly values: readonly (number | null)[];
  readonly isChosen: boolean;
  readonly action?: ReactNode;
}

interface PairedChartProps {
  readonly caption: string;
  readonly series: readonly Series[];
  readonly rows: readonly PairedRow[];
  readonly testId?: string;
  /** Not where it goes before a menu could be opened. */
  readonly isExported?: boolean;
}

export function PairedChart({ caption, series, rows, testId, isExported = true }: PairedChartProps) {
  const hasActions = rows.some(({ action }) => action !== undefined);
  return (
    <table className="paired" data-testid={testId}>
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col" className="paired__name">
            token
          </th>
          <td className="paired__bars">
            {isExported && <ChartExport title={caption} chart=".paired" data={() => dataOf(series, rows)} />}
          </td>
          {series.map(({ name, tone }) => (
            <th key={name} scope="col" className="paired__value" data-lane={tone ?? undefined} title={name}>
              <span
                className={tone === null ? 'paired__key paired__key--base' : 'paired__key'}
                aria-hidden="true"
              />{' '}
              {name}
            </th>
          ))}
          {hasActions && (
            <td>
              <span className="visually-hidden">continue</span>
            </td>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, token, values, isChosen, action }) => (
          <tr key={id} className={isChosen ? 'paired__chosen' : undefined}>
            <th scope="row" className="mono paired__token" title={`${visibleToken(token)} · id ${id}`}>
              {visibleToken(token, 16)}
            </th>
            <td className="paired__bars" aria-hidden="true">
              {values.map((value, index) => (
                <span
                  // biome-ignore lint/suspicious/noArrayIndexKey: one bar per series, always in their order
                  key={index}
                  className={series[index]?.tone === null ? 'paired__bar paired__bar--base' : 'paired__bar'}
                  data-lane={series[index]?.tone ?? undefined}
                  style={{ width: `${(value ?? 0) * 100}%` }}
                />
              ))}
            </td>
            {values.map((value, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: one figure per series, always in their order
              <td key={index} className="paired__value">
                {value === null ? <span title="not among the listed tokens">–</span> : percent(value)}
              </td>
            ))}
            {hasActions && <td className="paired__action">{action}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function dataOf(series: readonly Series[], rows: readonly PairedRow[]) {
  return {
    columns: [...TOKEN_COLUMNS, ...series.map(({ name }) => `p ${name}`)],
    rows: rows.map(({ id, token, values }) => [...tokenCells(id, token), ...values]),
  };
}
