/** Run and Cancel. */

import { useKeyWords } from '../../keys/use-keys';
import { isRunning } from '../../run/run-view';
import { runObstacle } from '../../state/run-reasons';
import { useAppState, useStudio } from '../../state/studio-context';
import { useDraftCheck } from '../../state/use-draft-check';
import { useShownRun } from '../../state/use-shown-run';

export function RunControls() {
  const { control } = useStudio();
  const keys = useKeyWords();
  const check = useDraftCheck();
  const engine = useAppState((state) => state.engine);
  const running = useShownRun(isRunning);
  const opening = useAppState((state) => state.model.state === 'opening');
  const cancelling = useAppState((state) => state.cancelling);
  const isElsewhere = useAppState((state) => state.room !== 'workbench');
  const obstacle = runObstacle(check, engine);
  // What is run is in the workbench; what is on can be ended from anywhere.
  if (isElsewhere && !running && !opening) return null;

  return (
    <div className="run-controls">
      <button
        type="button"
        className="button button--primary"
        data-testid="run"
        disabled={running || obstacle !== null}
        title={obstacle?.reason ?? keys.titled('Answer the prompt in every lane', 'run')}
        aria-describedby="status-line"
        aria-keyshortcuts={keys.aria('run')}
        onClick={() => void control.run()}
      >
        <span aria-hidden="true">▶</span> Run
      </button>
      <button
        type="button"
        className="button"
        data-testid="cancel"
        disabled={running ? cancelling : !opening}
        title={keys.titled(
          opening && !running ? 'Stop opening the model' : 'Stop the run and keep what arrived',
          'cancel',
        )}
        aria-keyshortcuts={keys.aria('cancel')}
        onClick={() => void control.cancel()}
      >
        Cancel
      </button>
    </div>
  );
}
