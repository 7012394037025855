/** Why no model can be opened now, in words; null where one can. */

import { isRunning } from '../run/run-view';
import { useShownRun } from '../state/use-shown-run';

export function useOpenObstacle(): string | null {
  const running = useShownRun(isRunning);
  return running ? 'A run is on: cancel it or wait for its end to open another model.' : null;
}
