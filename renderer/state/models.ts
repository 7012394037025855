/** What the user can do with models and downloads, as functions over the client and the store; no component code. */

import prettyBytes from 'pretty-bytes';
import { isCancelled, type Pull } from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import type { Shell } from '../engine/shell';
import { asFailure } from './failure';
import type { Library } from './library';
import { type CardSubject, isUnread, type ModelsEvent, type ModelsView, reduceModels } from './models-view';
import type { Session } from './session';
import type { AppStore } from './store';

/** Keys follow each other faster; the hub is asked once they rest. */
export const SEARCH_DELAY_MS = 350;

const NO_PATH = {
  kind: 'input',
  code: 'no-path',
  message: 'a browser does not say where a dropped folder lies',
  hint: 'Type or paste its full path here.',
} as const;

export interface Models {
  showTab(tab: ModelsView['tab']): void;
  /** Reads the list of this machine and the downloads anew. */
  refresh(): Promise<void>;
  /** Asks the hub once the typing rests; an empty query goes back to the curated list. */
  search(query: string): void;
  /** Asks again what was asked last. */
  searchAgain(): void;
  /** Reads a card, instead of one that is not read yet. */
  inspect(subject: CardSubject): Promise<void>;
  stopReading(): void;
  /** Opens it for runs; the manager closes once it is open. */
  open(model: string | null, dtype: string | null): Promise<void>;
  /** Opens what was downloaded, and takes the download off the list. */
  openPulled(pull: Pick<Pull, 'pullId' | 'id' | 'dtype'>): Promise<void>;
  /** Starts a download, or goes on with it. */
  pull(of: Pick<Pull, 'id' | 'dtype'> & Partial<Pick<Pull, 'revision'>>): Promise<void>;
  pause(pullId: string): Promise<void>;
  /** Takes a finished download off the list. */
  dismiss(pullId: string): void;
  /** Deletes a model, or one dtype of it, from the cache. */
  remove(id: string, dtype: string | null): Promise<void>;
  /** Resolves to whether it was added; the view has why not. */
  addFolder(folder: string): Promise<boolean>;
  /** A folder that was dropped onto the window. */
  addDropped(folder: File): Promise<void>;
  forgetFolder(folder: string): Promise<void>;
  close(): void;
}

export function createModels(
  client: EngineClient,
  store: AppStore,
  session: Pick<Session, 'openModel'>,
  library: Pick<Library, 'show' | 'say' | 'complain'>,
  { pathOf }: Pick<Shell, 'pathOf'>,
): Models {
  const { getState, setState } = store;
  const apply = (event: ModelsEvent) => setState({ models: reduceModels(getState().models, event) });
  let searchTimer: ReturnType<typeof setTimeout> | undefined;
  let searching = new AbortController();
  let reading = new AbortController();

  async function refresh(): Promise<void> {
    try {
      apply({ type: 'list.read', list: await client.request('models.list', {}) });
    } catch (thrown) {
      apply({ type: 'list.failed', failure: asFailure(thrown) });
    }
  }

  async function readCurated(): Promise<void> {
    try {
      apply({ type: 'curated.read', models: (await client.request('models.curated', {})).models });
    } catch {
      // The list of this machine says what is wrong with the engine.
    }
  }

  async function inspect(subject: CardSubject): Promise<void> {
    reading.abort();
    reading = new AbortController();
    apply({ type: 'card.asked', subject });
    try {
      const card = await client.request('models.inspect', { ...subject }, reading.signal);
      apply({ type: 'card.read', subject, card });
    } catch (thrown) {
      if (!isCancelled(thrown)) apply({ type: 'card.failed', subject, failure: asFailure(thrown) });
    }
  }

  function stopReading(): void {
    reading.abort();
    if (getState().models.shown?.isReading) apply({ type: 'card.cancelled' });
  }

  async function ask(query: string): Promise<void> {
    searching = new AbortController();
    try {
      const { models } = await client.request('models.search', { query }, searching.signal);
      apply({ type: 'search.answered', query, found: models });
    } catch (thrown) {
      if (!isCancelled(thrown)) apply({ type: 'search.failed', query, failure: asFailure(thrown) });
    }
  }

  function stopSearching(): void {
    clearTimeout(searchTimer);
    searching.abort();
  }

  function searchAgain(): void {
    const { query } = getState().models.search;
    stopSearching();
    apply({ type: 'search.asked', query });
    void ask(query);
  }

  /** Nobody looks: what was asked for is asked again when somebody does. */
  function leave(): void {
    stopReading();
    stopSearching();
    if (getState().models.search.isAsking) apply({ type: 'search.cancelled' });
  }

  /** What is on this machine has changed, and with it the card of the model that came or went. */
  async function changed({ model, dtype }: CardSubject): Promise<void> {
    const isShown = getState().models.shown?.subject.model === model;
    await Promise.all([refresh(), isShown ? inspect({ model, dtype }) : undefined]);
  }

  async function open(model: string | null, dtype: string | null): Promise<void> {
    const { modelChoice } = getState();
    setState({ modelChoice: { ...modelChoice, folder: model ?? '', dtype: dtype ?? '' } });
    await session.openModel();
    const { state } = getState().model;
    if (state === 'open') return library.show('closed');
    // It was cancelled, or another one opens.
    if (state !== 'failed') return;
    // Its card says why, and what it is.
    library.show('models');
    await inspect({ model, dtype });
  }

  async function addFolder(folder: string): Promise<boolean> {
    apply({ type: 'folder.refused', failure: null });
    try {
      const { model } = await client.request('models.addFolder', { folder });
      await Promise.all([refresh(), inspect({ model: model.model, dtype: null })]);
      return true;
    } catch (thrown) {
      apply({ type: 'folder.refused', failure: asFailure(thrown) });
      return false;
    }
  }

  /** Toasts what went wrong. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      library.complain(thrown);
    }
  }

  const unsubscribes = [
    client.onPull((pull) => {
      apply({ type: 'pull.changed', pull });
      if (pull.state === 'done') void changed({ model: pull.id, dtype: pull.dtype });
    }),
    store.subscribe((state, before) => {
      const isBack = state.engine.state === 'ready' && before.engine.state !== 'ready';
      const isShown = state.libraryView === 'models' && before.libraryView !== 'models';
      if (before.libraryView === 'models' && state.libraryView !== 'models') leave();
      if (isBack || isShown) void refresh();
      if (state.engine.state === 'exited' && before.engine.state !== 'exited')
        apply({ type: 'engine.exited' });
      if (!isShown) return;
      if (!state.models.curated) void readCurated();
      const { query, found, failure, isAsking } = state.models.search;
      if (query !== '' && !found && !failure && !isAsking) searchAgain();
      const { folder, dtype } = state.modelChoice;
      const open = { model: folder.trim() || null, dtype: dtype || null };
      const { shown } = state.models;
      const isThere = shown?.subject.model === open.model && shown.subject.dtype === open.dtype;
      if (!isThere || isUnread(shown)) void inspect(open);
    }),
  ];

  return {
    refresh,
    inspect,
    stopReading,
    showTab: (tab) => apply({ type: 'tab.chosen', tab }),
    search(text) {
      const query = text.trim().slice(0, 200);
      if (query === getState().models.search.query) return;
      stopSearching();
      apply({ type: 'search.asked', query });
      if (query !== '') searchTimer = setTimeout(() => void ask(query), SEARCH_DELAY_MS);
    },
    searchAgain,
    open,
    async openPulled({ pullId, id, dtype }) {
      apply({ type: 'pull.dismissed', pullId });
      await open(id, dtype);
    },
    pull: ({ id, dtype, revision = 'main' }) =>
      attempt(async () => {
        apply({ type: 'pull.changed', pull: await client.request('models.pull', { id, dtype, revision }) });
      }),
    pause: (pullId) =>
      attempt(async () => {
        await client.request('models.pause', { pullId });
      }),
    dismiss: (pullId) => apply({ type: 'pull.dismissed', pullId }),
    remove: (id, dtype) =>
      attempt(async () => {
        const { freed } = await client.request('models.remove', { id, dtype });
        for (const pull of getState().models.pulls) {
          const isGone = pull.state === 'done' && pull.id === id && (dtype === null || pull.dtype === dtype);
          if (isGone) apply({ type: 'pull.dismissed', pullId: pull.pullId });
        }
        library.say(`Deleted ${dtype === null ? id : `${dtype} of ${id}`}: ${prettyBytes(freed)} freed.`);
        await changed({ model: id, dtype: null });
      }),
    addFolder,
    async addDropped(folder) {
      apply({ type: 'tab.chosen', tab: 'here' });
      library.show('models');
      if (pathOf) await addFolder(pathOf(folder));
      else apply({ type: 'folder.refused', failure: NO_PATH });
    },
    forgetFolder: (folder) =>
      attempt(async () => {
        await client.request('models.forgetFolder', { folder });
        await refresh();
      }),
    close() {
      leave();
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}
