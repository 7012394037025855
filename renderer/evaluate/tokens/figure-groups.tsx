/** Word groups over all problems of a lane: their mean centred shift with its interval. */
import type { TokenFigure } from '../../../engine/protocol';
import { ChartExport } from '../../export/chart-export';
import { grouped, signed } from '../../ui/text/format';

interface FigureGroupsProps {
  readonly groups: TokenFigure['groups'];
  readonly lane: string;
}

export function FigureGroups({ groups, lane }: FigureGroupsProps) {
  if (groups.length === 0) return null;
  const reach = Math.max(1e-12, ...groups.flatMap(({ lower, upper }) => [Math.abs(lower), Math.abs(upper)]));
  return (
    <section className="figure-groups" aria-label="Word groups" data-testid="figure-groups">
      <ChartExport title={`Word groups of ${lane}`} chart=".figure-groups" data={() => dataOf(groups)} />
      <table className="figures-table">
        <caption>
          Word groups <span className="muted">mean centred shift of their tokens, 95 % over problems</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">group</th>
            <th scope="col">tokens</th>
            <th scope="col" aria-label="interval, drawn" />
            <th scope="col">centred shift</th>
            <th scope="col">95 %</th>
            <th scope="col" title="Sum over the members, in percentage points">
              mass, pp
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map(({ name, tokens, centred, lower, upper, massMoved }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{grouped(tokens)}</td>
              <td className="figure-groups__drawn">
                <Range low={lower / reach} at={centred / reach} high={upper / reach} />
              </td>
              <td>
                <strong>{signed(centred, 3)}</strong>
              </td>
              <td>
                {signed(lower, 3)} to {signed(upper, 3)}
              </td>
              <td>{signed(100 * massMoved, 3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** From −1 to 1, with 0 in the middle. */
function Range({ low, at, high }: { low: number; at: number; high: number }) {
  const place = (value: number) => `${50 + 50 * value}%`;
  return (
    <span className="figure-range" aria-hidden="true">
      <span className="figure-range__zero" />
      <span className="figure-range__bar" style={{ left: place(low), width: `${50 * (high - low)}%` }} />
      <span className="figure-range__at" style={{ left: place(at) }} />
    </span>
  );
}

function dataOf(groups: TokenFigure['groups']) {
  return {
    columns: ['group', 'tokens', 'centred', 'lower', 'upper', 'mass moved'],
    rows: groups.map(({ name, tokens, centred, lower, upper, massMoved }) => [
      name,
      ...[tokens, centred, lower, upper, massMoved],
    ]),
  };
}
