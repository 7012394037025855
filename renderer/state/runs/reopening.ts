/** Shows a stored run in place of the live one, and takes its settings over. */

import { isRunning } from '../../run/run-view';
import { draftOfRun } from '../draft-of-run';
import { showing, shownRun } from '../shown-run';
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
      const state = getState();
      if (isRunning(shownRun(state))) throw new Error('a run is on; cancel it or wait for its end');
      const { shown } = state;
      // From one stored run to the next, the way back stays the same.
      const before = shown.kind === 'stored' ? shown.before : shown;
      setState({
        ...showing({ kind: 'stored', runId, summary, opening: openings, before }, state, view),
        selectedStep: null,
        shiftLane: null,
        dialog: null,
        room: 'workbench',
      });
    },
    leave() {
      const { shown } = getState();
      if (shown.kind === 'stored') setState({ shown: shown.before, selectedStep: null, shiftLane: null });
    },
    adoptSettings() {
      const state = getState();
      const { config } = shownRun(state);
      if (!config) return;
      const next = draftOfRun(config, state);
      const keys = Object.keys(next) as (keyof typeof next)[];
      const before = Object.fromEntries(keys.map((key) => [key, state[key]])) as typeof next;
      setState(next);
      say('Prompt and settings copied from the stored run.', { name: 'Undo', run: () => setState(before) });
    },
  };
}
