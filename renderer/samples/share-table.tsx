/** Shares of samples by lane: a bar for each lane of each row, with an interval over it or a mark beside it. */
import { Fragment, type ReactNode } from 'react';
import { oneLine } from '../../engine/protocol';
import type { Interval } from '../../engine/statistics';
import { percent } from '../ui/text/format';

interface ShareCell {
  readonly lane: string;
  readonly tone: number;
  readonly samples: number;
  /** Of so many; 0 where there are none yet. */
  readonly of: number;
  readonly interval?: Interval;
  /** A probability that the share estimates; undefined where it is not known. */
  readonly mark?: number | undefined;
}

export interface ShareRow {
  readonly key: string;
  readonly label: ReactNode;
  readonly cells: readonly ShareCell[];
  /** What belongs to the row, below it. */
  readonly more?: ReactNode;
}

interface ShareTableProps {
  readonly caption: string;
  readonly name: string;
  /** Heads the column of intervals or marks. */
  readonly beside: string;
  readonly rows: readonly ShareRow[];
}

export function ShareTable({ caption, name, beside, rows }: ShareTableProps) {
  return (
    <table className="shares">
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col" className="shares__name">
            {name}
          </th>
          <th scope="col" className="shares__lane">
            lane
          </th>
          <td />
          <th scope="col" className="shares__value">
            samples
          </th>
          <th scope="col" className="shares__value shares__share">
            share
          </th>
          <th scope="col" className="shares__value">
            {beside}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, label, cells, more }) => (
          <Fragment key={key}>
            {cells.map((cell, i) => (
              <tr key={cell.lane} data-lane={cell.tone} className={i === 0 ? 'shares__first' : undefined}>
                {i === 0 && (
                  <th scope="rowgroup" rowSpan={cells.length} className="shares__name">
                    {label}
                  </th>
                )}
                <ShareCells {...cell} />
              </tr>
            ))}
            {more && (
              <tr>
                <td colSpan={6}>{more}</td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function ShareCells({ lane, samples, of, interval, mark }: ShareCell) {
  const share = of > 0 ? samples / of : 0;
  const at = (value: number) => `${100 * value}%`;
  return (
    <>
      <td className="shares__lane" title={oneLine(lane)}>
        {oneLine(lane)}
      </td>
      <td className="shares__bars" aria-hidden="true">
        <span className="shares__bar" style={{ width: at(share) }} />
        {interval && (
          <span
            className="shares__interval"
            style={{ insetInlineStart: at(interval.lower), width: at(interval.upper - interval.lower) }}
          />
        )}
        {mark !== undefined && <span className="shares__mark" style={{ insetInlineStart: at(mark) }} />}
      </td>
      <td className="shares__value">
        {samples} of {of}
      </td>
      <td className="shares__value shares__share">{percent(share)}</td>
      <td className="shares__value">{besideText(interval, mark)}</td>
    </>
  );
}

function besideText(interval: Interval | undefined, mark: number | undefined): string {
  if (interval) return `${Math.round(100 * interval.lower)} to ${Math.round(100 * interval.upper)} %`;
  return mark === undefined ? '–' : percent(mark);
}
