/** Tokens that rose and fell most, back to back around zero: a table whose cells carry the bars. */
import { memo } from 'react';
import type { SlotStep } from '../../../engine/protocol';
import { type RankedToken, type Ranking, rankTokens } from '../../run/ranking';
import { visibleToken } from '../../text/visible';
import { RANKING_TEXTS } from './ranking-texts';

interface ShiftBarsProps {
  readonly event: SlotStep | null;
  readonly ranking: Ranking;
  readonly step: number;
}

export const ShiftBars = memo(function ShiftBars({ event, ranking, step }: ShiftBarsProps) {
  if (!event) {
    return (
      <div className="shift-bars shift-bars--empty" data-testid="shift-bars">
        {step === 0
          ? 'Before the first step delta is zero: no token has moved.'
          : 'No figures for this step.'}
      </div>
    );
  }
  const { up, down } = rankTokens(event, ranking);
  const text = RANKING_TEXTS[ranking];
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
              <Side ranked={down[row]} side="down" largest={largest} write={text.write} />
              <Side ranked={up[row]} side="up" largest={largest} write={text.write} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
});

interface SideProps {
  readonly ranked: RankedToken | undefined;
  readonly side: 'up' | 'down';
  readonly largest: number;
  readonly write: (value: number) => string;
}

function Side({ ranked, side, largest, write }: SideProps) {
  if (!ranked) return <td colSpan={3} />;
  const { id, token, value } = ranked;
  // A centred value may lie on the other side of zero; its bar then takes the other colour and sign.
  const tone = value > 0 ? 'up' : 'down';
  const width = largest > 0 ? `${(Math.abs(value) / largest) * 100}%` : '0';
  const name = (
    <th
      scope="row"
      className={`shift-bars__token shift-bars__token--${side} mono`}
      title={`${visibleToken(token)} · id ${id}`}
    >
      {visibleToken(token, 24)}
    </th>
  );
  const bar = (
    <td className={`shift-bars__bar shift-bars__bar--${side}`}>
      <span className={`bar bar--${tone}`} style={{ width }} />
    </td>
  );
  const figure = <td className={`shift-bars__value shift-bars__value--${side}`}>{write(value)}</td>;
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
