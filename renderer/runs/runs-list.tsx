/** The stored runs that the filter leaves, newest first, a page at a time. */

import { type KeyboardEvent, useMemo, useState } from 'react';
import type { RunSummary } from '../../engine/protocol';
import { isRunning } from '../run/run-view';
import { useShownRun } from '../state/use-shown-run';
import { RunRow } from './run-row';

const PAGE = 50;

interface RunsListProps {
  readonly runs: readonly RunSummary[];
  readonly chosen: readonly string[];
  readonly onChoose: (runId: string, chosen: boolean) => void;
}

export function RunsList({ runs, chosen, onChoose }: RunsListProps) {
  const [shown, setShown] = useState(PAGE);
  const shownRun = useShownRun((run) => run.runId);
  const running = useShownRun(isRunning);
  const page = useMemo(() => runs.slice(0, shown), [runs, shown]);
  const obstacle = running ? 'A run is on: cancel it or wait for its end to open another.' : null;

  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0 || !(event.target instanceof HTMLElement) || !event.target.matches('.run-row__open'))
      return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('.run-row__open')];
    buttons[buttons.indexOf(event.target) + step]?.focus();
  };

  return (
    <ul className="runs-list" onKeyDown={onKey} aria-label="Stored runs">
      {page.map((run) => (
        <RunRow
          key={run.runId}
          run={run}
          chosen={chosen.includes(run.runId)}
          onScreen={run.runId === shownRun}
          active={running && run.runId === shownRun}
          obstacle={obstacle}
          onChoose={onChoose}
        />
      ))}
      {runs.length > shown && (
        <li className="runs-list__more">
          <button type="button" className="button" onClick={() => setShown(shown + PAGE)}>
            Show {Math.min(PAGE, runs.length - shown)} more
          </button>
          <span className="muted">
            {shown} of {runs.length} shown
          </span>
        </li>
      )}
    </ul>
  );
}
