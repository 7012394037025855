/** Shows a stored run in place of the live one, and takes its settings over. */
import type { RunSummary } from '../../../engine/protocol';
import { startClock } from '../../run/progress';
import { isRunning, type RunView } from '../../run/run-view';
import { draftOfRun } from '../draft-of-run';
import type { AppStore } from '../store';
import type { Toasts } from '../toasts';
import type { StoredRuns } from './stored-runs';

export interface Reopening {
  /** Shows a stored run in place of the live one. Rejects with an EngineError, and during a run. */
  reopen(runId: string): Promise<void>;
  /** Back to what was shown before. */
  leave(): void;
  /** Copies the shown run's prompt and settings into the form; the toast undoes it. */
  adoptSettings(): void;
}

export function createReopening(
  { getState, setState }: AppStore,
  { read }: Pick<StoredRuns, 'read'>,
  { say }: Toasts,
): Reopening {
  let openings = 0;
  return {
    async reopen(runId) {
      const { summary, view } = await read(runId);
      openings += 1;
      const { run, clock, reopened } = getState();
      if (isRunning(run)) throw new Error('a run is on; cancel it or wait for its end');
      setState({
        // From one stored run to the next, the way back stays the same.
        reopened: {
          summary,
          opening: openings,
          before: isShownAgain(reopened?.summary, run) ? reopened!.before : { run, clock },
        },
        run: view,
        clock: startClock(0),
        selectedStep: null,
        shiftLane: null,
        dialog: null,
      });
    },
    leave() {
      const { reopened } = getState();
      if (!reopened) return;
      setState({ ...reopened.before, reopened: null, selectedStep: null, shiftLane: null });
    },
    adoptSettings() {
      const state = getState();
      if (!state.run.config) return;
      const next = draftOfRun(state.run.config, state);
      const keys = Object.keys(next) as (keyof typeof next)[];
      const before = Object.fromEntries(keys.map((key) => [key, state[key]])) as typeof next;
      setState(next);
      say('Prompt and settings copied from the stored run.', { name: 'Undo', run: () => setState(before) });
    },
  };
}

/** Whether what is on screen is the stored run and not a live one. */
export function isShownAgain(summary: RunSummary | undefined, run: RunView): boolean {
  return summary !== undefined && summary.runId === run.runId;
}
