/** Something of the run that the charts show. */
import type { RunView } from '../run/run-view';
import { shownRun } from './shown-run';
import { useAppState } from './studio-context';

export function useShownRun<T>(select: (run: RunView) => T): T {
  return useAppState((state) => select(shownRun(state)));
}
