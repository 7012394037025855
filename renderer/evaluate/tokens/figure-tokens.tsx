/** The tokens that a lane's delta moved most one way, over all problems. */
import { type FigureToken, visibleToken } from '../../../engine/protocol';
import { ChartExport } from '../../export/chart-export';
import { TOKEN_COLUMNS, tokenCells } from '../../export/csv';
import { signed } from '../../ui/text/format';
import { pValue } from '../words';
import '../../ui/parts/bar.css';

const SHOWN = 30;

interface FigureTokensProps {
  readonly title: string;
  readonly tokens: readonly FigureToken[];
  readonly lane: string;
}

export function FigureTokens({ title, tokens, lane }: FigureTokensProps) {
  const reach = Math.max(1e-12, ...tokens.map(({ centred }) => Math.abs(centred)));
  return (
    <section className="figure-tokens" aria-label={`${title} tokens`}>
      <ChartExport title={`${title} tokens of ${lane}`} chart=".figure-tokens" data={() => dataOf(tokens)} />
      <table className="figures-table">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">token</th>
            <th scope="col">centred shift</th>
            <th scope="col" title="Standard deviation over problems">
              ± sd
            </th>
            <th scope="col" title="Mean probability moved to it, in percentage points">
              mass, pp
            </th>
            <th scope="col" title="Problems in which its centred shift is above 0, and below">
              up / down
            </th>
            <th scope="col" title="Sign test, corrected for the vocabulary's size">
              p
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.slice(0, SHOWN).map(({ id, token, centred, sd, massMoved, up, down, corrected }) => (
            <tr key={id}>
              <th scope="row" className="mono" title={`id ${id}`}>
                {visibleToken(token, 20)}
              </th>
              <td>
                <span className="figure-tokens__bar" aria-hidden="true">
                  <span
                    className={`bar bar--${centred < 0 ? 'down' : 'up'}`}
                    style={{ width: `${(100 * Math.abs(centred)) / reach}%` }}
                  />
                </span>
                {signed(centred, 3)}
              </td>
              <td>{sd.toFixed(3)}</td>
              <td>{signed(100 * massMoved, 3)}</td>
              <td>
                {up} / {down}
              </td>
              <td>{pValue(corrected)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function dataOf(tokens: readonly FigureToken[]) {
  return {
    columns: [...TOKEN_COLUMNS, 'mean shift', 'centred', 'sd', 'mass moved', 'up', 'down', 'p corrected'],
    rows: tokens.map(({ id, token, mean, centred, sd, massMoved, up, down, corrected }) => [
      ...tokenCells(id, token),
      ...[mean, centred, sd, massMoved, up, down, corrected],
    ]),
  };
}
