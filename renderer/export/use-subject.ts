/** The run of the main view, as exported files are named after it. */
import type { AppState } from '../state/app-state';
import { shownRun } from '../state/shown-run';
import { useStudio } from '../state/studio-context';
import type { Subject } from './file-name';

/** Asked at the time of export. */
export function useSubject(): () => Subject {
  const { store } = useStudio();
  return () => subjectOf(store.getState());
}

/** A run that is not stored yet counts as of now. */
export function subjectOf(state: AppState): Subject {
  const run = shownRun(state);
  const stored = state.storedRuns?.find(({ runId }) => runId === run.runId);
  return { model: run.model?.id ?? '', at: stored?.at ?? new Date().toISOString() };
}
