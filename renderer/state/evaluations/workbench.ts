/** A problem of an evaluation as a run of the workbench. */
import type { RunConfig } from '../../../engine/protocol';
import type { AppState } from '../app-state';
import { draftOfRun } from '../draft-of-run';
import type { EngineControl } from '../engine-control';
import { firstTurn } from '../first-turn';
import type { AppStore } from '../store';
import { undoToast } from '../undo';

export type RunControl = Pick<EngineControl, 'start' | 'cancel' | 'openModel'>;

/** Loads it with the model it was asked of, and runs it; the toast undoes it. */
export async function openInWorkbench(store: AppStore, control: RunControl, run: RunConfig): Promise<void> {
  const { getState, setState } = store;
  const undo = undoOpening(store, control);
  const { folder, dtype, ...how } = run.model;
  const modelChoice = { folder: folder ?? '', dtype: dtype ?? '', ...how };
  const isSame = JSON.stringify(modelChoice) === JSON.stringify(getState().modelChoice);
  setState({ ...draftOfRun(run, getState()), modelChoice, room: 'workbench', shownPane: 'answers' });
  const started = control.start(
    run,
    (runId): Partial<AppState> => ({
      ...firstTurn(getState(), runId),
      ...undo,
    }),
  );
  if (!isSame) void control.openModel();
  await started;
}

/** Brings back the whole form, and the place that the user came from. */
function undoOpening(store: AppStore, control: RunControl): Pick<AppState, 'toast'> {
  const { template, listLength, groups, modelChoice, room, shownPane } = store.getState();
  const text = 'The problem took the place of your prompt.';
  const { toast } = undoToast(store, () => void control.cancel(), text);
  if (!toast?.action) return { toast };
  const { name, run } = toast.action;
  const back = () => {
    run();
    store.setState({ template, listLength, groups, modelChoice, room, shownPane });
  };
  return { toast: { ...toast, action: { name, run: back } } };
}
