/** The thin line under the bar that fills as the present stage advances. */

import { preparingShare } from '../../run/preparing';
import { describeProgress } from '../../run/progress';
import { isRunning } from '../../run/run-view';
import { useAppState } from '../../state/studio-context';
import { useShownRun } from '../../state/use-shown-run';

export function ProgressRule() {
  const run = useShownRun((run) => run);
  const opening = useAppState((state) => state.model.state === 'opening');
  const preparing = useAppState((state) => state.preparing);
  const running = isRunning(run);
  if (!running && !opening) return null;
  const share = preparing && preparingShare(preparing);
  if (share !== null)
    return <progress className="progress-rule" aria-label="Preparing the model" value={share} />;
  const { label, done, total } = describeProgress(run, !opening);
  if (!running || total === null || total === 0) {
    return <progress className="progress-rule" aria-label={opening ? 'Opening model' : label} />;
  }
  return <progress className="progress-rule" aria-label={label} value={Math.min(done, total)} max={total} />;
}
