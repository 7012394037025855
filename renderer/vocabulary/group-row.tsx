/** One token group: its mean and spread as a bar, and on demand its members with their own values. */

import { useId, useState } from 'react';
import { oneLine, visibleToken } from '../../engine/protocol';
import type { GroupFigures, TokenGroup } from '../run/vocabulary/groups';
import { METRIC_TEXTS, writeMetric } from '../run/vocabulary/metric-texts';
import type { Metric } from '../run/vocabulary/metrics';
import { useStudio } from '../state/studio-context';
import { grouped, points } from '../ui/text/format';
import type { Vocabulary } from './use-vocabulary';
import { WatchButton } from './watch-button';
import '../ui/parts/bar.css';

const MEMBERS_SHOWN = 60;

interface GroupRowProps {
  readonly figures: Partial<GroupFigures>;
  readonly group: TokenGroup | undefined;
  readonly reach: number;
  readonly metric: Metric;
  readonly values: Float32Array | null;
  readonly vocabulary: Vocabulary;
}

export function GroupRow({ figures, group, reach, metric, values, vocabulary }: GroupRowProps) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const { name = '', mean = 0, sigma, low, high, massMoved = 0 } = figures;
  const at = (value: number) => 50 + (reach > 0 ? value / reach : 0) * 50;
  const range = low === undefined || high === undefined ? null : { left: at(low), right: 100 - at(high) };
  return (
    <>
      <tr>
        <th scope="row" className="groups__name">
          <button
            type="button"
            className="groups__toggle"
            aria-expanded={isOpen}
            aria-controls={id}
            onClick={() => setOpen(!isOpen)}
          >
            <span aria-hidden="true" className="disclosure">
              {isOpen ? '▾' : '▸'}
            </span>
            {oneLine(name)} <span className="muted">{group?.ids.length}</span>
          </button>
        </th>
        <td
          className="groups__bar"
          title={
            range ? `from ${writeMetric(metric, low ?? 0)} to ${writeMetric(metric, high ?? 0)}` : undefined
          }
        >
          <span
            className={`bar bar--${mean > 0 ? 'up' : 'down'} groups__fill`}
            style={{
              left: `${Math.min(50, at(mean))}%`,
              right: `${100 - Math.max(50, at(mean))}%`,
            }}
          />
          {range && (
            <span className="groups__range" style={{ left: `${range.left}%`, right: `${range.right}%` }} />
          )}
        </td>
        <td className="groups__value">{writeMetric(metric, roundPlaces(metric, mean))}</td>
        <td className="groups__value muted">{sigma === undefined ? '' : writeSigma(metric, sigma)}</td>
        <td className="groups__value">{points(massMoved)}</td>
      </tr>
      {isOpen && (
        <tr id={id}>
          <td colSpan={5} className="groups__members">
            <Members
              group={group}
              metric={metric}
              values={values}
              vocabulary={vocabulary}
              figures={figures}
            />
          </td>
        </tr>
      )}
    </>
  );
}

function Members({
  group,
  metric,
  values,
  vocabulary,
  figures,
}: Pick<GroupRowProps, 'group' | 'metric' | 'values' | 'vocabulary' | 'figures'>) {
  const { store } = useStudio();
  const { tokens } = vocabulary;
  if (!group || !tokens) return <p className="muted">Its members are not known here yet.</p>;
  const ids = [...group.ids].sort((a, b) => (values?.[b] ?? 0) - (values?.[a] ?? 0));
  return (
    <>
      <p className="muted">
        {figures.low !== undefined && figures.high !== undefined && (
          <>
            from {writeMetric(metric, figures.low)} to {writeMetric(metric, figures.high)}{' '}
            {METRIC_TEXTS[metric].unit} ·{' '}
          </>
        )}
        <button
          type="button"
          className="button button--quiet"
          onClick={() => store.setState({ tokenScope: `group:${group.name}`, vocabularyView: 'table' })}
        >
          Show in table
        </button>
      </p>
      <ul className="groups__list">
        {ids.slice(0, MEMBERS_SHOWN).map((id) => (
          <li key={id}>
            <WatchButton id={id} token={tokens[id] ?? ''} />
            <span className="mono">{visibleToken(tokens[id] ?? '', 16)}</span>{' '}
            <span className="muted">{values && writeMetric(metric, values[id] ?? Number.NaN)}</span>
          </li>
        ))}
        {ids.length > MEMBERS_SHOWN && (
          <li className="muted">and {grouped(ids.length - MEMBERS_SHOWN)} more</li>
        )}
      </ul>
    </>
  );
}

/** A mean of places is no whole number. */
function roundPlaces(metric: Metric, value: number): number {
  return metric === 'rank' || metric === 'answerRank' ? Math.round(value * 10) / 10 : value;
}

function writeSigma(metric: Metric, sigma: number): string {
  return writeMetric(metric, roundPlaces(metric, sigma)).replace(/^\+/, '±');
}
