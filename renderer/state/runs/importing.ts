/** Takes in runs and vectors that someone exported. */
import { cut, oneLine, toFailure } from '../../../engine/protocol';
import type { EngineClient } from '../../engine/engine-client';
import { isConversationFile, readConversationFile } from '../conversation-file';
import { type ImportedFile, readBytes, readText } from '../imported-file';
import type { AppStore } from '../store';
import type { Toasts } from '../toasts';
import type { Carrying } from './carrying';
import type { Reopening } from './reopening';
import type { StoredRuns } from './stored-runs';

export interface Importing {
  /** A run's JSON Lines, a conversation with its runs, or the safetensors file with a stored run's vectors. */
  import(file: ImportedFile): Promise<void>;
}

export function createImporting(
  client: Pick<EngineClient, 'request'>,
  { getState, setState }: AppStore,
  { label }: Pick<StoredRuns, 'label'>,
  { reopen }: Pick<Reopening, 'reopen'>,
  { takeIn }: Pick<Carrying, 'takeIn'>,
  { say, attempt }: Toasts,
): Importing {
  let lastImported: string | null = null;

  /** @returns undefined for a conversation, which is shown at once */
  async function importText(file: ImportedFile): Promise<string | undefined> {
    const text = await readText(file);
    if (isConversationFile(text)) {
      await takeIn(readConversationFile(text), file.name);
      return undefined;
    }
    const { runId } = await client.request('runs.import', { text });
    lastImported = runId;
    // Otherwise it could not be told from the run that it was exported from.
    await label(runId, { tags: [], note: `Imported from ${cut(file.name, 200)}.` });
    return runId;
  }

  /** Of the run that the file names; where that has its own, of the one that was imported last or is on screen. */
  async function importVectors(file: ImportedFile): Promise<string> {
    const { shown } = getState();
    const bytes = await readBytes(file);
    const { runId } = await client.request('runs.importVectors', {
      runId: lastImported ?? (shown.kind === 'stored' ? shown.runId : null),
      file: bytes,
    });
    return runId;
  }

  return {
    async import(file) {
      setState({ importFailure: null, dialog: 'runs' });
      try {
        const runId = await (file.name.endsWith('.safetensors') ? importVectors(file) : importText(file));
        if (runId === undefined) return;
        const open = { name: 'Open', run: () => void attempt(() => reopen(runId)) };
        say(`Imported ${oneLine(file.name, 200)}.`, open);
      } catch (thrown) {
        const failure = toFailure(thrown);
        setState({ importFailure: { ...failure, message: `${file.name}, ${failure.message}` } });
      }
    },
  };
}
