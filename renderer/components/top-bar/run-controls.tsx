/** Run and Cancel. */
import { isRunning } from '../../run/run-view';
import { runObstacle } from '../run-reasons';
import { useAppState, useStudio } from '../studio-context';
import { useDraftCheck } from '../use-draft-check';

export function RunControls() {
  const { session, shell } = useStudio();
  const check = useDraftCheck();
  const engine = useAppState((state) => state.engine);
  const running = useAppState((state) => isRunning(state.run));
  const cancelling = useAppState((state) => state.cancelling);
  const obstacle = runObstacle(check, engine);
  const keys = shell.isMac ? '⌘↵' : 'Ctrl+Enter';

  return (
    <div className="run-controls">
      <button
        type="button"
        className="button button--primary"
        data-testid="run"
        disabled={running || obstacle !== null}
        title={obstacle?.reason ?? `Answer the prompt in every lane (${keys})`}
        aria-describedby="status-line"
        aria-keyshortcuts={shell.isMac ? 'Meta+Enter' : 'Control+Enter'}
        onClick={() => void session.run()}
      >
        <span aria-hidden="true">▶</span> Run
      </button>
      <button
        type="button"
        className="button"
        data-testid="cancel"
        disabled={!running || cancelling}
        title="Stop the run and keep what arrived (Esc)"
        aria-keyshortcuts="Escape"
        onClick={() => void session.cancel()}
      >
        Cancel
      </button>
    </div>
  );
}
