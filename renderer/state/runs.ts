/** What the user can do with the runs on disk, as functions over the client and the store; no component code. */

import type { EngineClient } from '../engine/engine-client';
import { hasEnded, isRunning } from '../run/run-view';
import { type Carrying, createCarrying } from './runs/carrying';
import { createImporting, type Importing } from './runs/importing';
import { createReopening, type Reopening } from './runs/reopening';
import { createStoredRuns, type StoredRuns } from './runs/stored-runs';
import { shownRun } from './shown-run';
import type { AppStore } from './store';
import type { Toasts } from './toasts';

export interface Runs extends StoredRuns, Reopening, Importing, Carrying {
  close(): void;
}

export function createRuns(client: EngineClient, store: AppStore, toasts: Toasts): Runs {
  const runs = createStoredRuns(client, store, toasts);
  const reopening = createReopening(store, runs, toasts);
  const carrying = createCarrying(client, store, runs);
  const close = store.subscribe((state, before) => {
    const isNextDialog = state.dialog !== before.dialog;
    const ranOut = hasEnded(shownRun(state)) && isRunning(shownRun(before));
    const isBack = state.engine.state === 'ready' && before.engine.state !== 'ready';
    if (isNextDialog) store.setState({ importFailure: null });
    if (ranOut || isBack || (isNextDialog && state.dialog !== null)) void runs.refresh();
  });

  return {
    ...runs,
    ...reopening,
    ...carrying,
    ...createImporting(client, store, runs, reopening, carrying, toasts),
    close,
  };
}
