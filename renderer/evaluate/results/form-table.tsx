/** The table of lanes, second part: the form of answers, their length, and how they ended. */
import type { LaneSummary } from '../../../engine/protocol';
import { number, signed } from '../../ui/text/format';
import { shareOf } from '../words';
import { LaneName } from './lanes-table';

export function FormTable({ lanes }: { lanes: readonly LaneSummary[] }) {
  return (
    <table className="figures-table" data-testid="form-table">
      <caption>
        Form and length <span className="muted">of answers</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">lane</th>
          <th scope="col" title="The whole answer is <think>…</think><answer>…</answer>">
            strict form
          </th>
          <th scope="col" title="The same with white space around its parts">
            lenient form
          </th>
          <th scope="col" title="Right answers among those in the strict form">
            right given strict
          </th>
          <th scope="col" title="Mean over answers">
            tokens
          </th>
          <th scope="col" title="Mean over problems of the lane's tokens less the baseline's">
            against baseline
          </th>
          <th scope="col" title="Answers that the cap on new tokens cut off">
            cut
          </th>
          <th scope="col" title="Answers whose end repeats itself">
            loops
          </th>
          <th scope="col" title="Answers whose text is the baseline's">
            unchanged
          </th>
        </tr>
      </thead>
      <tbody>
        {lanes.map((summary) => (
          <tr key={`${summary.lane.name} ${summary.half}`}>
            <LaneName summary={summary} />
            <td>{shareOf(summary.strict)}</td>
            <td>{shareOf(summary.lenient)}</td>
            <td>{shareOf(summary.rightGivenStrict)}</td>
            <td>{summary.meanTokens === null ? '' : number(summary.meanTokens, 1)}</td>
            <td>{summary.tokensVersus === null ? '' : signed(summary.tokensVersus, 1)}</td>
            <td>{shareOf(summary.cut)}</td>
            <td>{shareOf(summary.loops)}</td>
            <td>{summary.unchanged ? shareOf(summary.unchanged) : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
