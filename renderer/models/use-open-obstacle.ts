/** Why no model can be opened now, in words; null where one can. */
import { isRunning } from '../run/run-view';
import { useAppState } from '../state/studio-context';

export function useOpenObstacle(): string | null {
  const running = useAppState((state) => isRunning(state.run));
  return running ? 'A run is on: cancel it or wait for its end to open another model.' : null;
}
