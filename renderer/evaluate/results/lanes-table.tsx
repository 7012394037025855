/** The table of lanes: right answers by the headline grader, and each lane against the baseline on the same problems. */
import type { LaneSummary } from '../../../engine/protocol';
import { grouped } from '../../ui/text/format';
import { countOf, interval, laneAbout, pointsOf, pValue, share } from '../words';

export function LanesTable({ lanes }: { lanes: readonly LaneSummary[] }) {
  const grader = lanes[0]?.graders[0]?.grader;
  return (
    <table className="figures-table" data-testid="lanes-table">
      <caption>
        Right answers <span className="muted">by {grader}, with Wilson's interval at 95 %</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">lane</th>
          <th scope="col">right</th>
          <th scope="col">rate, %</th>
          <th scope="col">95 %</th>
          <th scope="col" title="Problems that only this lane got right, and only the baseline">
            b / c
          </th>
          <th scope="col" title="Exact McNemar, two-sided">
            p
          </th>
          <th scope="col" title="Corrected by Holm over the lanes compared">
            p, Holm
          </th>
          <th scope="col" title="Accuracy less the baseline's, in percentage points">
            difference
          </th>
          <th scope="col" title="Of the difference, by the paired bootstrap">
            95 % of it
          </th>
        </tr>
      </thead>
      <tbody>
        {lanes.map((summary) => (
          <LaneRow key={`${summary.lane.name} ${summary.half}`} summary={summary} />
        ))}
      </tbody>
    </table>
  );
}

function LaneRow({ summary }: { summary: LaneSummary }) {
  const { right, versus } = summary.graders[0]!;
  return (
    <tr data-testid="lane-figures">
      <LaneName summary={summary} />
      <td>
        {countOf(right.count)} of {grouped(right.of)}
      </td>
      <td>
        <strong>{right.of === 0 ? '' : (100 * right.rate).toFixed(1)}</strong>
        <IntervalBar lower={right.lower} rate={right.rate} upper={right.upper} isEmpty={right.of === 0} />
      </td>
      <td>{right.of === 0 ? '' : interval(right.lower, right.upper)}</td>
      {versus ? (
        <>
          <td className="figures-table__pair">
            {versus.b} / {versus.c}
          </td>
          <td>{pValue(versus.p)}</td>
          <td>{versus.corrected === null ? '' : pValue(versus.corrected)}</td>
          <td>
            <strong>{pointsOf(versus.difference)}</strong>
          </td>
          <td>
            {pointsOf(versus.lower)} to {pointsOf(versus.upper)}
          </td>
        </>
      ) : (
        <td colSpan={5} className="muted figures-table__note">
          {summary.lane.steps === 0 ? 'what the others are compared with' : ''}
        </td>
      )}
    </tr>
  );
}

const HALVES = { all: '', choose: 'chosen on', report: 'reported on' } as const;

export function LaneName({ summary: { lane, half, selected, failed } }: { summary: LaneSummary }) {
  const marks = [
    HALVES[half],
    selected ? 'selected' : '',
    failed > 0 ? `${failed} without an answer` : '',
  ].filter((mark) => mark !== '');
  return (
    <th scope="row" title={laneAbout(lane)}>
      {lane.name}
      {marks.map((mark) => (
        <span key={mark} className="lane-mark">
          {mark}
        </span>
      ))}
    </th>
  );
}

interface IntervalBarProps {
  readonly lower: number;
  readonly rate: number;
  readonly upper: number;
  readonly isEmpty: boolean;
}

/** The interval drawn on a line from 0 to 100 %; the figures stand beside it. */
function IntervalBar({ lower, rate, upper, isEmpty }: IntervalBarProps) {
  if (isEmpty) return null;
  return (
    <span className="interval" aria-hidden="true" title={`${share(lower)} to ${share(upper)}`}>
      <span
        className="interval__range"
        style={{ insetInlineStart: `${100 * lower}%`, width: `${100 * (upper - lower)}%` }}
      />
      <span className="interval__rate" style={{ insetInlineStart: `${100 * rate}%` }} />
    </span>
  );
}
