/** Every grader side by side: the same answers, read by each. */
import type { LaneSummary } from '../../../engine/protocol';
import { countOf, pValue, share } from '../words';
import { LaneName } from './lanes-table';

export function GradersTable({ lanes }: { lanes: readonly LaneSummary[] }) {
  const graders = lanes[0]?.graders.map(({ grader }) => grader) ?? [];
  if (graders.length < 2) return null;
  return (
    <div className="figures-scroller">
      <table className="figures-table" data-testid="graders-table">
        <caption>
          Graders <span className="muted">right answers by each, undecided ones apart</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">lane</th>
            {graders.map((grader) => (
              <th scope="col" key={grader}>
                {grader}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lanes.map((summary) => (
            <tr key={`${summary.lane.name} ${summary.half}`}>
              <LaneName summary={summary} />
              {summary.graders.map(({ grader, right, undecided, versus }) => (
                <td
                  key={grader}
                  title={versus ? `b ${versus.b}, c ${versus.c}, p ${pValue(versus.p)}` : undefined}
                >
                  {right.of === 0 ? '' : `${countOf(right.count)}, ${share(right.rate)}`}
                  {undecided > 0 && <span className="muted"> · {undecided} undecided</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
