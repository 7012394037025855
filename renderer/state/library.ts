/** What the user can do with the runs on disk, as functions over the client and the store; no component code. */
import { cut, decodeText, oneLine, type RunLabels, type RunSummary } from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import { startClock } from '../run/progress';
import { reduceEvents } from '../run/reduce-run';
import { EMPTY_RUN, hasEnded, isRunning, type RunView } from '../run/run-view';
import { draftOfRun } from './draft-of-run';
import { asFailure } from './failure';
import type { LibraryState, Toast } from './library-state';
import type { AppStore } from './store';

/** Base64 and escapes make a message larger than its text, and the browser shell takes messages of 64 MiB. */
export const MAX_IMPORT_BYTES = 40 * 2 ** 20;

type ImportedFile = Pick<File, 'name' | 'size' | 'arrayBuffer'>;

export interface StoredRun {
  readonly summary: RunSummary;
  readonly view: RunView;
}

export interface Library {
  show(view: LibraryState['libraryView']): void;
  /** Reads the list anew. */
  refresh(): Promise<void>;
  /** Shows a stored run in place of the live one. Rejects with an EngineError, and during a run. */
  reopen(runId: string): Promise<void>;
  /** Back to what was shown before. */
  leave(): void;
  /** Copies the shown run's prompt and settings into the form; the toast undoes it. */
  adoptSettings(): void;
  /** Rejects with an EngineError. */
  label(runId: string, labels: RunLabels): Promise<void>;
  /** The toast undoes it. */
  delete(run: RunSummary): Promise<void>;
  /** A run's JSON Lines, or the safetensors file with a stored run's vectors. */
  import(file: ImportedFile): Promise<void>;
  /** Through the same reducer as a live run. Rejects with an EngineError. */
  read(runId: string, signal?: AbortSignal): Promise<StoredRun>;
  /** The run as JSON Lines. Rejects with an EngineError. */
  lines(runId: string): Promise<string>;
  /** The run's vectors as safetensors. Rejects with an EngineError. */
  vectors(runId: string): Promise<Uint8Array>;
  say(text: string, action?: Toast['action']): void;
  complain(thrown: unknown): void;
  close(): void;
}

export function createLibrary(client: EngineClient, store: AppStore): Library {
  const { getState, setState } = store;
  let lastToast = 0;
  let lastImported: string | null = null;
  let openings = 0;
  const toast = (kind: Toast['kind'], text: string, action: Toast['action'] = null) => {
    lastToast += 1;
    setState({ toast: { id: `toast-${lastToast}`, kind, text, action } });
  };
  const complain = (thrown: unknown) => {
    const { message, hint } = asFailure(thrown);
    toast('problem', [message, hint].filter(Boolean).join('. '));
  };

  async function refresh(): Promise<void> {
    try {
      const { runs } = await client.request('runs.list', {});
      setState({ storedRuns: runs, storedRunsFailure: null });
    } catch (thrown) {
      setState({ storedRunsFailure: asFailure(thrown) });
    }
  }

  async function restore(runId: string): Promise<void> {
    try {
      await client.request('runs.restore', { runId });
      await refresh();
    } catch (thrown) {
      complain(thrown);
    }
  }

  async function read(runId: string, signal?: AbortSignal): Promise<StoredRun> {
    const { summary, events } = await client.request('runs.read', { runId }, signal);
    return { summary, view: reduceEvents(EMPTY_RUN, events) };
  }

  async function reopen(runId: string): Promise<void> {
    const { summary, view } = await read(runId);
    openings += 1;
    const { run, clock, reopened } = getState();
    if (isRunning(run)) throw new Error('a run is on; cancel it or wait for its end');
    setState({
      // From one stored run to the next, the way back stays the same.
      reopened: {
        summary,
        opening: openings,
        before: isShownAgain(reopened?.summary, run) ? reopened!.before : { run, clock },
      },
      run: view,
      clock: startClock(0),
      selectedStep: null,
      shiftLane: null,
      libraryView: 'closed',
    });
  }

  async function importRun(file: ImportedFile): Promise<string> {
    const text = decodeText(await readBytes(file), file.name);
    const { runId } = await client.request('runs.import', { text });
    lastImported = runId;
    // Otherwise it could not be told from the run that it was exported from.
    await label(runId, { tags: [], note: `Imported from ${cut(file.name, 200)}.` });
    return runId;
  }

  /** Of the run that the file names; where that has its own, of the one that was imported last or is on screen. */
  async function importVectors(file: ImportedFile): Promise<string> {
    const shown = getState().reopened?.summary.runId ?? null;
    const bytes = await readBytes(file);
    const { runId } = await client.request('runs.importVectors', {
      runId: lastImported ?? shown,
      file: bytes,
    });
    return runId;
  }

  async function label(runId: string, labels: RunLabels): Promise<void> {
    await client.request('runs.label', { runId, labels });
    await refresh();
  }

  const unsubscribes = [
    store.subscribe((state, before) => {
      const ranOut = hasEnded(state.run) && isRunning(before.run);
      const isBack = state.engine.state === 'ready' && before.engine.state !== 'ready';
      if (ranOut || isBack) void refresh();
    }),
  ];

  return {
    refresh,
    read,
    complain,
    say: (text, action = null) => toast('done', text, action),
    show(libraryView) {
      setState({ libraryView, importFailure: null });
      if (libraryView !== 'closed') void refresh();
    },
    reopen,
    leave() {
      const { reopened } = getState();
      if (!reopened) return;
      setState({ ...reopened.before, reopened: null, selectedStep: null, shiftLane: null });
    },
    adoptSettings() {
      const state = getState();
      if (!state.run.config) return;
      const next = draftOfRun(state.run.config, state);
      const keys = Object.keys(next) as (keyof typeof next)[];
      const before = Object.fromEntries(keys.map((key) => [key, state[key]])) as typeof next;
      setState(next);
      toast('done', 'Prompt and settings copied from the stored run.', {
        name: 'Undo',
        run: () => setState(before),
      });
    },
    label,
    async delete(run) {
      try {
        await client.request('runs.delete', { runId: run.runId });
        await refresh();
        toast('done', `Deleted the run “${oneLine(run.prompt, 40)}”.`, {
          name: 'Undo',
          run: () => void restore(run.runId),
        });
      } catch (thrown) {
        complain(thrown);
      }
    },
    async import(file) {
      setState({ importFailure: null, libraryView: 'runs' });
      try {
        const runId = await (file.name.endsWith('.safetensors') ? importVectors(file) : importRun(file));
        toast('done', `Imported ${oneLine(file.name, 200)}.`, {
          name: 'Open',
          run: () => void reopen(runId).catch(complain),
        });
      } catch (thrown) {
        const failure = asFailure(thrown);
        setState({ importFailure: { ...failure, message: `${file.name}, ${failure.message}` } });
      }
    },
    async lines(runId) {
      return (await client.request('runs.export', { runId })).text;
    },
    async vectors(runId) {
      return (await client.request('runs.vectors', { runId })).file;
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

/** Whether what is on screen is the stored run and not a live one. */
export function isShownAgain(summary: RunSummary | undefined, run: RunView): boolean {
  return summary !== undefined && summary.runId === run.runId;
}

/** PowerShell's `>` makes a run's JSON Lines UTF-16. */
async function readBytes(file: ImportedFile): Promise<Uint8Array> {
  const { size } = file;
  if (size <= MAX_IMPORT_BYTES) return new Uint8Array(await file.arrayBuffer());
  const words = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  throw new Error(`the file has ${words(size)}; one of at most ${words(MAX_IMPORT_BYTES)} can be imported`);
}
