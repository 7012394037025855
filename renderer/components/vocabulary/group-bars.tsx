/** The mean of each token group, as bars around zero. */
import type { SlotStep } from '../../../engine/protocol';
import { type Ranking, rankGroups } from '../../run/ranking';
import { visibleToken } from '../../text/visible';
import { useAppState } from '../studio-context';
import { RANKING_TEXTS } from './ranking-texts';

const MEMBERS_SHOWN = 40;

export function GroupBars({ event, ranking }: { event: SlotStep | null; ranking: Ranking }) {
  const known = useAppState((state) => state.model?.groups);
  const groups = event ? rankGroups(event, ranking) : [];
  const text = RANKING_TEXTS[ranking];
  const largest = groups.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
  const members = (name: string) => {
    const tokens = known?.find((group) => group.name === name)?.tokens;
    if (!tokens) return name;
    const shown = tokens.slice(0, MEMBERS_SHOWN).map(({ token }) => visibleToken(token, 16));
    return `${tokens.length} tokens: ${shown.join(' ')}${tokens.length > shown.length ? ' …' : ''}`;
  };

  return (
    <div className="groups" data-testid="groups">
      <h3>
        Token groups{' '}
        <span className="muted">
          {ranking === 'mass' ? 'mass moved' : 'mean shift'}, {text.unit}
        </span>
      </h3>
      {groups.length === 0 ? (
        <p className="muted">Fills as SLOT runs.</p>
      ) : (
        <table>
          <tbody>
            {groups.map(({ name, value }) => (
              <tr key={name}>
                <th scope="row" className="groups__name" title={members(name)}>
                  {name}
                </th>
                <td className="groups__bar">
                  <span
                    className={`bar bar--${value > 0 ? 'up' : 'down'} groups__fill`}
                    style={{ width: `${largest > 0 ? (Math.abs(value) / largest) * 50 : 0}%` }}
                  />
                </td>
                <td className="groups__value">{text.write(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
