/** The models on this machine: their list, deleting one, and those that the user adds. */

import prettyBytes from 'pretty-bytes';
import { type PreparedModel, type Pull, toFailure } from '../../../engine/protocol';
import type { EngineClient } from '../../engine/engine-client';
import type { Shell } from '../../engine/shell';
import type { CardSubject, ModelsEvent } from '../models-view';
import type { AppStore } from '../store';
import type { Toasts } from '../toasts';
import type { CardReading } from './card-reading';

const NO_PATH = {
  kind: 'input',
  code: 'no-path',
  message: 'a browser does not say where a dropped model lies',
  hint: 'Type or paste its full path here.',
} as const;

export interface ModelsHere {
  /** Reads the list of this machine and the downloads anew. */
  refresh(): Promise<void>;
  /** Deletes a model, or one dtype of it, from the cache. */
  remove(id: string, dtype: string | null): Promise<void>;
  /** Deletes prepared weights. */
  removePrepared(prepared: Pick<PreparedModel, 'key' | 'name'>): Promise<void>;
  /** Resolves to whether it was added; the view has why not. */
  addFolder(folder: string): Promise<boolean>;
  /** A folder or a GGUF file that was dropped onto the window. */
  addDropped(model: File): Promise<void>;
  /** Adds what lies there, before the user's eyes. */
  addHanded(path: string): Promise<void>;
  forgetFolder(folder: string): Promise<void>;
}

export interface OwnModelsHere extends ModelsHere {
  /** What is here has changed, and with it the card of the model that came or went. */
  changed(subject: CardSubject): Promise<void>;
}

export function createModelsHere(
  client: Pick<EngineClient, 'request'>,
  { getState, setState }: AppStore,
  apply: (event: ModelsEvent) => void,
  { inspect }: CardReading,
  toasts: Toasts,
  { pathOf }: Pick<Shell, 'pathOf'>,
): OwnModelsHere {
  const refresh = () => readLists(client, apply);

  async function changed({ model, dtype }: CardSubject): Promise<void> {
    const isShown = getState().models.shown?.subject.model === model;
    await Promise.all([refresh(), isShown ? inspect({ model, dtype }) : undefined]);
  }

  async function addFolder(folder: string): Promise<boolean> {
    const model = await tryFolder(client, apply, folder);
    if (model !== null) await Promise.all([refresh(), inspect({ model, dtype: null })]);
    return model !== null;
  }

  async function addSeen(path: string | null): Promise<void> {
    apply({ type: 'tab.chosen', tab: 'here' });
    setState({ dialog: 'models' });
    if (path !== null) await addFolder(path);
    else apply({ type: 'folder.refused', failure: NO_PATH });
  }

  async function removePrepared({ key, name }: Pick<PreparedModel, 'key' | 'name'>): Promise<void> {
    const { freed } = await client.request('models.removePrepared', { key });
    toasts.say(`Deleted what was prepared of ${name ?? 'a model'}: ${prettyBytes(freed)} freed.`);
    await refresh();
  }

  async function remove(id: string, dtype: string | null): Promise<void> {
    const { freed } = await client.request('models.remove', { id, dtype });
    for (const { pullId } of finishedPulls(getState().models.pulls, id, dtype))
      apply({ type: 'pull.dismissed', pullId });
    toasts.say(`Deleted ${dtype === null ? id : `${dtype} of ${id}`}: ${prettyBytes(freed)} freed.`);
    await changed({ model: id, dtype: null });
  }

  return {
    refresh,
    changed,
    remove: (id, dtype) => toasts.attempt(() => remove(id, dtype)),
    removePrepared: (prepared) => toasts.attempt(() => removePrepared(prepared)),
    addFolder,
    addDropped: (model) => addSeen(pathOf?.(model) ?? null),
    addHanded: addSeen,
    forgetFolder: (folder) =>
      toasts.attempt(async () => {
        await client.request('models.forgetFolder', { folder });
        await refresh();
      }),
  };
}

/** Resolves to the model that was found there; null where the view says why there is none. */
async function tryFolder(
  client: Pick<EngineClient, 'request'>,
  apply: (event: ModelsEvent) => void,
  folder: string,
): Promise<string | null> {
  apply({ type: 'folder.refused', failure: null });
  try {
    return (await client.request('models.addFolder', { folder })).model.model;
  } catch (thrown) {
    apply({ type: 'folder.refused', failure: toFailure(thrown) });
    return null;
  }
}

async function readLists(
  client: Pick<EngineClient, 'request'>,
  apply: (event: ModelsEvent) => void,
): Promise<void> {
  // The list of models is not held up by the other.
  client.request('models.prepared', {}).then(
    (prepared) => apply({ type: 'prepared.read', prepared }),
    () => {},
  );
  try {
    apply({ type: 'list.read', list: await client.request('models.list', {}) });
  } catch (thrown) {
    apply({ type: 'list.failed', failure: toFailure(thrown) });
  }
}

function finishedPulls(pulls: readonly Pull[], id: string, dtype: string | null): Pull[] {
  return pulls.filter(
    (pull) => pull.state === 'done' && pull.id === id && (dtype === null || pull.dtype === dtype),
  );
}
