/** Keys that move the step: one back or forth. */
import { useKeys } from '../keys/use-keys';
import { stepsShown } from '../run/run-view';
import { shownRun } from '../state/shown-run';
import { useStudio } from '../state/studio-context';

export function useStepKeys(): void {
  const { store } = useStudio();
  const move = (by: -1 | 1) => {
    const state = store.getState();
    const last = stepsShown(shownRun(state));
    const step = (state.selectedStep ?? last) + by;
    store.setState({ selectedStep: step >= last ? null : Math.max(0, step) });
  };
  useKeys({ stepBack: () => move(-1), stepForth: () => move(1) });
}
