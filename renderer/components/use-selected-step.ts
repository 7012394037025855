/** The step that all views show: the user's choice, or the newest. */
import { stepsShown } from '../run/run-view';
import { useAppState, useStudio } from './studio-context';

export interface SelectedStep {
  /** Updates of delta; 0 is before the first. */
  readonly step: number;
  readonly last: number;
  select(step: number): void;
}

export function useSelectedStep(): SelectedStep {
  const { store } = useStudio();
  const last = useAppState((state) => stepsShown(state.run));
  const chosen = useAppState((state) => state.selectedStep);
  return {
    step: Math.min(chosen ?? last, last),
    last,
    // At the end the view follows the newest step again.
    select: (step) => store.setState({ selectedStep: step >= last ? null : Math.max(0, step) }),
  };
}
