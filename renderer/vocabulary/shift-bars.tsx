/** Tokens that rose and fell most, back to back around zero: a table whose cells carry the bars. */

import { memo } from 'react';
import { visibleToken } from '../../engine/protocol';
import { ChartExport } from '../export/chart-export';
import { TOKEN_COLUMNS, tokenCells } from '../export/csv';
import type { RankedToken, RankedTokens } from '../run/ranking';
import { METRIC_TEXTS, writeMetric } from '../run/vocabulary/metric-texts';
import type { Metric } from '../run/vocabulary/metrics';
import { WatchButton } from './watch-button';
import '../ui/parts/bar.css';
import './shift-bars.css';

interface ShiftBarsProps {
  readonly ranked: RankedTokens | null;
  readonly metric: Metric;
  /** What is said where there is nothing to list. */
  readonly empty: string;
}

export const ShiftBars = memo(function ShiftBars({ ranked, metric, empty }: ShiftBarsProps) {
  if (!ranked || ranked.up.length + ranked.down.length === 0) {
    return (
      <div className="shift-bars shift-bars--empty" data-testid="shift-bars">
        {empty}
      </div>
    );
  }
  const { up, down } = ranked;
  const text = METRIC_TEXTS[metric];
  const largest = [...up, ...down].reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
  const rows = Array.from({ length: Math.max(up.length, down.length) }, (_, row) => row);
  return (
    <section
      className="shift-bars"
      data-testid="shift-bars"
      aria-label={`Tokens ${text.down} and ${text.up}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: every chart is in reach of the keyboard
      tabIndex={0}
    >
      <table>
        <colgroup>
          <col />
          <col className="shift-bars__cols-value" />
          <col className="shift-bars__cols-bar" />
          <col className="shift-bars__cols-bar" />
          <col className="shift-bars__cols-value" />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th scope="col" colSpan={3} className="shift-bars__side shift-bars__side--down">
              <ChartExport
                title="Most moved tokens"
                chart=".shift-bars"
                data={() => dataOf(ranked, metric)}
              />
              {text.down} <span aria-hidden="true">◀</span>
            </th>
            <th scope="col" colSpan={3} className="shift-bars__side">
              <span aria-hidden="true">▶</span> {text.up}, {text.unit}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              <Side ranked={down[row]} side="down" largest={largest} metric={metric} />
              <Side ranked={up[row]} side="up" largest={largest} metric={metric} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
});

function dataOf({ up, down }: RankedTokens, metric: Metric) {
  return {
    columns: ['side', ...TOKEN_COLUMNS, metric],
    rows: [
      ...up.map(({ id, token, value }) => ['up', ...tokenCells(id, token), value]),
      ...down.map(({ id, token, value }) => ['down', ...tokenCells(id, token), value]),
    ],
  };
}

interface SideProps {
  readonly ranked: RankedToken | undefined;
  readonly side: 'up' | 'down';
  readonly largest: number;
  readonly metric: Metric;
}

function Side({ ranked, side, largest, metric }: SideProps) {
  if (!ranked) return <td colSpan={3} />;
  const { id, token, value } = ranked;
  // A centred value may lie on the other side of zero; its bar then takes the other colour and sign.
  const tone = value > 0 ? 'up' : 'down';
  const width = largest > 0 ? `${(Math.abs(value) / largest) * 100}%` : '0';
  const name = (
    <th scope="row" className={`shift-bars__token shift-bars__token--${side}`}>
      <span className="shift-bars__name">
        <span className="mono" title={`${visibleToken(token)} · id ${id}`}>
          {visibleToken(token, 24)}
        </span>
        <WatchButton id={id} token={token} />
      </span>
    </th>
  );
  const bar = (
    <td className={`shift-bars__bar shift-bars__bar--${side}`}>
      <span className={`bar bar--${tone}`} style={{ width }} />
    </td>
  );
  const figure = (
    <td className={`shift-bars__value shift-bars__value--${side}`}>{writeMetric(metric, value)}</td>
  );
  return side === 'down' ? (
    <>
      {name}
      {figure}
      {bar}
    </>
  ) : (
    <>
      {bar}
      {figure}
      {name}
    </>
  );
}
