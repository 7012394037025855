/** A toast that brings the conversation back as it was, with its lanes, its prompt and what the charts showed. */

import { isRunning } from '../run/run-view';
import type { AppState } from './app-state';
import { shownRun } from './shown-run';
import type { AppStore } from './store';
import { newToast } from './toast';

const KEYS = [
  'conversation',
  'lanes',
  'prompt',
  'system',
  'promptKind',
  'generation',
  'shown',
] as const satisfies readonly (keyof AppState)[];

/** Takes note of the state now; a run that is on when the user goes back is cancelled. @param more keys that change too */
export function undoToast<K extends keyof AppState = never>(
  store: AppStore,
  cancel: () => void,
  text: string,
  more: readonly K[] = [],
): Pick<AppState, 'toast'> {
  const state = store.getState();
  const before = Object.fromEntries([...KEYS, ...more].map((key) => [key, state[key]])) as Pick<
    AppState,
    (typeof KEYS)[number] | K
  >;
  return toastOf(text, () => {
    if (isRunning(shownRun(store.getState()))) cancel();
    // What a run has come to since stays.
    const runViews = { ...state.runViews, ...store.getState().runViews };
    const nowhere = { turnEdit: null, inspected: null, pinned: null, cancelling: false };
    store.setState({ ...before, ...nowhere, runViews });
  });
}

/** @param undo brings back what was taken away */
export function toastOf(text: string, undo: () => void): Pick<AppState, 'toast'> {
  return { toast: newToast('done', text, { action: { name: 'Undo', run: undo } }) };
}
