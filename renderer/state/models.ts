/** What the user can do with models and downloads, as functions over the client and the store; no component code. */
import type { Pull } from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import type { Shell } from '../engine/shell';
import type { AppState } from './app-state';
import { withWeights } from './draft';
import type { EngineControl } from './engine-control';
import { type CardReading, createCardReading } from './models/card-reading';
import { createDownloads, type Downloads } from './models/downloads';
import { createHubSearching, type HubSearching } from './models/hub-search';
import { createModelsHere, type ModelsHere } from './models/models-here';
import { createServers, type Servers } from './models/servers';
import { type CardSubject, isUnread, type ModelsEvent, type ModelsView, reduceModels } from './models-view';
import type { AppStore } from './store';
import type { Toasts } from './toasts';

export interface Models extends ModelsHere, HubSearching, CardReading, Downloads, Servers {
  showTab(tab: ModelsView['tab']): void;
  /** Opens it for runs; the manager closes once it is open. */
  open(model: string | null, dtype: string | null): Promise<void>;
  /** The same for a model whose layers run on a server. @param head the model on this machine */
  openOnServer(head: string, address: string): Promise<void>;
  /** Opens the model anew, with this server for its lanes without a shift; null: its own answers them too. */
  answerBaselineOn(address: string | null): Promise<void>;
  /** Opens what was downloaded, and takes the download off the list. */
  openPulled(pull: Pick<Pull, 'pullId' | 'id' | 'dtype'>): Promise<void>;
  close(): void;
}

export function createModels(
  client: EngineClient,
  store: AppStore,
  control: Pick<EngineControl, 'openModel'>,
  toasts: Toasts,
  shell: Pick<Shell, 'pathOf' | 'keepServerKey'>,
): Models {
  const { getState, setState } = store;
  const apply = (event: ModelsEvent) => setState({ models: reduceModels(getState().models, event) });
  const cards = createCardReading(client, store, apply);
  const { resume, pause: pauseSearch, ...search } = createHubSearching(client, store, apply);
  const { refreshServers, ...servers } = createServers(client, store, apply, toasts, shell);
  const { changed, ...here } = createModelsHere(client, store, apply, cards, toasts, shell);

  const open = (model: string | null, dtype: string | null, server?: string) =>
    openModel(store, control, cards, { model, dtype }, server);

  /** Nobody looks: what was asked for is asked again when somebody does. */
  function leave(): void {
    cards.stopReading();
    pauseSearch();
  }

  function follow(state: AppState, before: AppState): void {
    const isBack = state.engine.state === 'ready' && before.engine.state !== 'ready';
    const isShown = state.dialog === 'models' && before.dialog !== 'models';
    if (before.dialog === 'models' && state.dialog !== 'models') leave();
    if (isBack || isShown) void Promise.all([here.refresh(), refreshServers()]);
    if (state.engine.state === 'exited' && before.engine.state !== 'exited') apply({ type: 'engine.exited' });
    if (!isShown) return;
    resume();
    const subject = unreadChoice(state);
    if (subject) void cards.inspect(subject);
  }

  const onPull = (pull: Pull) => {
    apply({ type: 'pull.changed', pull });
    if (pull.state === 'done') void changed({ model: pull.id, dtype: pull.dtype });
  };
  const unsubscribes = [client.onPull(onPull), store.subscribe(follow)];

  return {
    ...here,
    ...search,
    ...cards,
    ...servers,
    ...createDownloads(client, apply, toasts),
    showTab: (tab) => apply({ type: 'tab.chosen', tab }),
    open,
    ...onServers(open, store, control),
    openPulled({ pullId, id, dtype }) {
      apply({ type: 'pull.dismissed', pullId });
      return open(id, dtype);
    },
    close() {
      leave();
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

async function openModel(
  { getState, setState }: AppStore,
  control: Pick<EngineControl, 'openModel'>,
  cards: Pick<CardReading, 'inspect'>,
  { model, dtype }: CardSubject,
  server?: string,
): Promise<void> {
  const { modelChoice } = getState();
  setState({ modelChoice: withWeights(modelChoice, model ?? '', dtype ?? '', server) });
  await control.openModel();
  const { state } = getState().model;
  if (state === 'open') setState({ dialog: null });
  // It was cancelled, or another one opens.
  if (state !== 'failed') return;
  // Its card says why, and what it is.
  setState({ dialog: 'models' });
  await cards.inspect({ model, dtype });
}

function onServers(
  open: (model: string, dtype: null, server: string) => Promise<void>,
  { getState, setState }: AppStore,
  control: Pick<EngineControl, 'openModel'>,
): Pick<Models, 'openOnServer' | 'answerBaselineOn'> {
  return {
    openOnServer: (head, address) => open(head, null, address),
    answerBaselineOn(address) {
      const { baselineServer: _, ...choice } = getState().modelChoice;
      setState({ modelChoice: address === null ? choice : { ...choice, baselineServer: address } });
      return control.openModel();
    },
  };
}

/** The chosen model where its card is not shown yet. */
function unreadChoice({ modelChoice, models: { shown } }: AppState): CardSubject | null {
  const { folder, dtype } = modelChoice;
  const model = folder.trim() || null;
  const isThere = shown?.subject.model === model && shown.subject.dtype === (dtype || null);
  return isThere && !isUnread(shown) ? null : { model, dtype: dtype || null };
}
