/** Token groups: mean, spread and mass moved of each, and its members with their own values. */

import { useMemo } from 'react';
import { oneLine } from '../../engine/protocol';
import { ChartExport } from '../export/chart-export';
import { rankGroups } from '../run/ranking';
import { type GroupFigures, groupFigures, type TokenGroup } from '../run/vocabulary/groups';
import { METRIC_TEXTS } from '../run/vocabulary/metric-texts';
import type { Metric } from '../run/vocabulary/metrics';
import { withinSentence } from '../ui/text/format';
import { GroupRow } from './group-row';
import type { Vocabulary } from './use-vocabulary';
import './groups-panel.css';

interface GroupsPanelProps {
  readonly vocabulary: Vocabulary;
  readonly groups: readonly TokenGroup[];
  readonly metric: Metric;
  /** [V] of the metric; null where it is not there. */
  readonly values: Float32Array | null;
}

export function GroupsPanel({ vocabulary, groups, metric, values }: GroupsPanelProps) {
  const { columns, event } = vocabulary;
  const rows = useMemo(
    () => rowsOf(columns, event, groups, metric, values),
    [columns, values, groups, event, metric],
  );
  const isMass = metric === 'mass' || metric === 'answerMass';
  const reach = rows.reduce(
    (most, { mean = 0, low = 0, high = 0 }) => Math.max(most, Math.abs(mean), Math.abs(low), Math.abs(high)),
    0,
  );
  return (
    <section className="groups" data-testid="groups" aria-label="Token groups">
      <ChartExport title="Token groups" chart=".groups" data={() => dataOf(rows, metric)} />
      <h3>
        Token groups <span className="muted">mean ± σ of {withinSentence(METRIC_TEXTS[metric].name)}</span>
      </h3>
      {rows.length === 0 ? (
        <p className="muted">{event || columns ? 'No figures of this metric yet.' : 'Fills as SLOT runs.'}</p>
      ) : (
        <table>
          <GroupsHead />
          <tbody>
            {rows.map((figures) => (
              <GroupRow
                key={figures.name}
                figures={figures}
                group={groups.find(({ name }) => name === figures.name)}
                reach={reach}
                metric={isMass && !values ? 'raw' : metric}
                values={values}
                vocabulary={vocabulary}
              />
            ))}
          </tbody>
        </table>
      )}
      {groups
        .filter(({ ids }) => ids.length === 0)
        .map(({ name, problem = "no token of this model's vocabulary." }) => (
          <p key={name} className="groups__empty" data-testid="empty-group">
            {oneLine(name)}: {problem}
          </p>
        ))}
    </section>
  );
}

/** From every value of the metric, or as far as the event tells. */
function rowsOf(
  columns: Vocabulary['columns'],
  event: Vocabulary['event'],
  groups: readonly TokenGroup[],
  metric: Metric,
  values: Float32Array | null,
): readonly Partial<GroupFigures>[] {
  if (columns && values) {
    return groups.filter(({ ids }) => ids.length > 0).map((group) => groupFigures(group, values, columns));
  }
  if (!event || (metric !== 'raw' && metric !== 'centred' && metric !== 'mass')) return [];
  const means = rankGroups(event, metric === 'mass' ? 'raw' : metric);
  return means.map(({ name, value }, i) => ({
    name,
    mean: value,
    massMoved: event.groups[i]?.massMoved ?? 0,
  }));
}

function GroupsHead() {
  return (
    <thead>
      <tr>
        <th scope="col" className="groups__name">
          group
        </th>
        <th scope="col">mean, range</th>
        <th scope="col" className="groups__value">
          mean
        </th>
        <th scope="col" className="groups__value">
          ± σ
        </th>
        <th scope="col" className="groups__value" title="Sum over the members, over the prompt">
          mass, pp
        </th>
      </tr>
    </thead>
  );
}

function dataOf(rows: readonly Partial<GroupFigures>[], metric: Metric) {
  return {
    columns: ['group', `mean ${metric}`, 'sigma', 'low', 'high', 'mass moved'],
    rows: rows.map(({ name = '', mean, sigma, low, high, massMoved }) => [
      name,
      mean ?? null,
      sigma ?? null,
      low ?? null,
      high ?? null,
      massMoved ?? null,
    ]),
  };
}
