/** What the user can do with the runs on disk, as functions over the client and the store; no component code. */
import type { EngineClient } from '../engine/engine-client';
import { hasEnded, isRunning } from '../run/run-view';
import { createImporting, type Importing } from './library/importing';
import { createNotices, type Notices } from './library/notices';
import { createReopening, type Reopening } from './library/reopening';
import { createStoredRuns, type StoredRuns } from './library/stored-runs';
import type { LibraryState } from './library-state';
import type { AppStore } from './store';

export interface Library extends StoredRuns, Reopening, Importing, Notices {
  show(view: LibraryState['libraryView']): void;
  close(): void;
}

export function createLibrary(client: EngineClient, store: AppStore): Library {
  const notices = createNotices(store);
  const runs = createStoredRuns(client, store, notices);
  const reopening = createReopening(store, runs, notices);
  const close = store.subscribe((state, before) => {
    const ranOut = hasEnded(state.run) && isRunning(before.run);
    const isBack = state.engine.state === 'ready' && before.engine.state !== 'ready';
    if (ranOut || isBack) void runs.refresh();
  });

  return {
    ...notices,
    ...runs,
    ...reopening,
    ...createImporting(client, store, runs, reopening, notices),
    show(libraryView) {
      store.setState({ libraryView, importFailure: null });
      if (libraryView !== 'closed') void runs.refresh();
    },
    close,
  };
}
