/** What tipped a split, lane by lane: the shifts of both candidates and of watched tokens, and the groups' means. */

import { useMemo } from 'react';
import { oneLine, visibleToken } from '../../engine/protocol';
import { type Contest, listedShift } from '../run/contest';
import type { TokenSeries } from '../run/vocabulary/heatmap';
import type { TurnColumn } from '../state/shown-chat';
import { runOf } from '../state/shown-run';
import { useAppState, useStudio } from '../state/studio-context';
import { useReading } from '../state/use-reading';
import { signed } from '../ui/text/format';
import '../ui/parts/bar.css';

export function TippedBy({ contest, columns }: { contest: Contest; columns: readonly TurnColumn[] }) {
  const adapting = columns.filter(({ view }) => view.steps.length > 0);
  if (adapting.length === 0) return null;
  return (
    <section className="tipped-by" aria-label="What tipped it">
      <h4>
        What tipped it{' '}
        <span className="muted">logit shifts after the last step; softmax ignores what all share</span>
      </h4>
      {adapting.map((column) => (
        <LaneShifts key={column.lane.id} column={column} contest={contest} />
      ))}
    </section>
  );
}

function LaneShifts({ column, contest }: { column: TurnColumn; contest: Contest }) {
  const rows = useShiftRows(column, contest);
  if (!rows) return null;
  const largest = rows.reduce((most, { shift }) => Math.max(most, Math.abs(shift ?? 0)), 0);
  return (
    <table className="tipped-by__lane">
      <caption data-lane={column.tone}>{oneLine(column.lane.name)}</caption>
      <tbody>
        {rows.map(({ key: row, label, kind, shift, note }) => (
          <tr key={row}>
            <th scope="row" className={row.startsWith('token') ? 'mono' : undefined}>
              {label}
            </th>
            <td className="tipped-by__kind">{kind === '' ? note : kind}</td>
            <td className="tipped-by__bar" aria-hidden="true">
              <span
                className={`bar bar--${(shift ?? 0) > 0 ? 'up' : 'down'} tipped-by__fill`}
                style={{ width: `${largest > 0 ? (Math.abs(shift ?? 0) / largest) * 50 : 0}%` }}
              />
            </td>
            <td className="tipped-by__value">{shift === null ? '–' : signed(shift)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ShiftRow {
  readonly key: string;
  readonly label: string;
  readonly kind: string;
  /** Null where it is not known. */
  readonly shift: number | null;
  readonly note: string;
}

/** Null before the lane has taken a step. */
function useShiftRows({ view, runId }: TurnColumn, contest: Contest): readonly ShiftRow[] | null {
  const { vectors } = useStudio();
  const model = useAppState((state) => runOf(state.runViews, runId)?.model?.id ?? null);
  const groups = useAppState((state) => runOf(state.runViews, runId)?.groups ?? null);
  const watched = useAppState((state) => state.watched);
  const step = view.steps.at(-1);
  const tokens = useMemo(() => {
    const followed = watched.filter((each) => each.model === model).map(({ id, token }) => ({ id, token }));
    const candidates = contest.candidates.map((candidate) => ({ ...candidate, isCandidate: true }));
    const others = followed.filter(({ id }) => !candidates.some((candidate) => candidate.id === id));
    return [...candidates, ...others.map((each) => ({ ...each, isCandidate: false }))];
  }, [watched, model, contest]);
  const ids = tokens.map(({ id }) => id);
  const scope = `${runId} ${view.name}`;
  // Exact for any token, once the lane has taken its last step.
  const { value } = useReading<ReadonlyMap<number, TokenSeries>>({
    key: view.slot ? `${scope} ${ids.join()}` : null,
    scope,
    read: () => vectors.series(runId, view.name, ids),
  });
  if (!step) return null;
  return [
    ...tokens.map(({ id, token, isCandidate }) => ({
      key: `token ${id}`,
      label: visibleToken(token, 16),
      kind: isCandidate ? '' : 'watched',
      shift: value?.get(id)?.shift.at(-1) ?? listedShift(step, id),
      note: memberOf(id),
    })),
    ...step.groups.map((group) => ({
      key: `group ${group.name}`,
      label: group.name,
      kind: 'group mean',
      shift: group.meanShift,
      note: '',
    })),
    { key: 'mean', label: 'mean', kind: 'all tokens', shift: step.shiftMean, note: '' },
  ];

  /** The groups that a token counts for. */
  function memberOf(id: number): string {
    const own = (groups ?? []).filter((group) => group.ids.includes(id));
    return own.length === 0 ? '' : `in ${own.map((group) => group.name).join(', ')}`;
  }
}
