/** The step that all views show: the user's choice, or the newest. */

import { useCallback } from 'react';
import { stepsShown } from '../run/run-view';
import { shownRun } from './shown-run';
import { useAppState, useStudio } from './studio-context';
import { useShownRun } from './use-shown-run';

export interface SelectedStep {
  /** Updates of delta; 0 is before the first. */
  readonly step: number;
  readonly last: number;
  select(step: number): void;
}

export function useSelectedStep(): SelectedStep {
  const { store } = useStudio();
  const last = useShownRun(stepsShown);
  const chosen = useAppState((state) => state.selectedStep);
  const select = useCallback(
    (next: number) => {
      // At the end the view follows the newest step again.
      const isNewest = next >= stepsShown(shownRun(store.getState()));
      store.setState({ selectedStep: isNewest ? null : Math.max(0, next) });
    },
    [store],
  );
  return { step: Math.min(chosen ?? last, last), last, select };
}
