/** The runs on disk: their list, reading one, labels, deleting one and bringing it back, and files of one. */
import {
  type GivenDelta,
  oneLine,
  type Params,
  type Result,
  type RunLabels,
  type RunSummary,
  toFailure,
} from '../../../engine/protocol';
import type { EngineClient } from '../../engine/engine-client';
import { reduceEvents } from '../../run/reduce-run';
import { EMPTY_RUN, type RunView } from '../../run/run-view';
import { type ImportedFile, readBytes } from '../imported-file';
import type { AppStore } from '../store';
import type { Toasts } from '../toasts';

export interface StoredRun {
  readonly summary: RunSummary;
  readonly view: RunView;
}

export interface StoredRuns {
  /** Reads the list anew. */
  refresh(): Promise<void>;
  /** Rejects with an EngineError. */
  label(runId: string, labels: RunLabels): Promise<void>;
  /** The toast undoes it. */
  delete(run: RunSummary): Promise<void>;
  /** Through the same reducer as a live run. Rejects with an EngineError. */
  read(runId: string, signal?: AbortSignal): Promise<StoredRun>;
  /** The run as it was recorded. Rejects with an EngineError. */
  recorded(runId: string): Promise<Result<'runs.read'>>;
  /** A delta of a stored run with its numbers. Rejects with an EngineError. */
  delta(source: Params<'delta.read'> & { kind: 'run' }): Promise<GivenDelta>;
  /** How alike the deltas of these runs are, of all their lanes. Rejects with an EngineError. */
  similarity(runIds: readonly string[]): Promise<Result<'deltas.similarity'>>;
  /**
   * A delta of a safetensors file, the first and after its last step where nothing is chosen, and what else it has.
   * Rejects with an EngineError.
   */
  deltaOfFile(
    file: ImportedFile,
    choice?: { readonly tensor: string; readonly step: number },
  ): Promise<Pick<Result<'delta.read'>, 'given' | 'choices'>>;
  /** The run as JSON Lines. Rejects with an EngineError. */
  lines(runId: string): Promise<string>;
  /** The run's vectors as safetensors. Rejects with an EngineError. */
  vectors(runId: string): Promise<Uint8Array>;
}

export function createStoredRuns(
  client: Pick<EngineClient, 'request'>,
  { setState }: Pick<AppStore, 'setState'>,
  { say, attempt }: Toasts,
): StoredRuns {
  async function refresh(): Promise<void> {
    try {
      const { runs } = await client.request('runs.list', {});
      setState({ storedRuns: runs, storedRunsFailure: null });
    } catch (thrown) {
      setState({ storedRunsFailure: toFailure(thrown) });
    }
  }

  const restore = (runId: string) =>
    attempt(async () => {
      await client.request('runs.restore', { runId });
      await refresh();
    });

  return {
    refresh,
    async label(runId, labels) {
      await client.request('runs.label', { runId, labels });
      await refresh();
    },
    delete: ({ runId, prompt }) =>
      attempt(async () => {
        await client.request('runs.delete', { runId });
        await refresh();
        const undo = { name: 'Undo', run: () => void restore(runId) };
        say(`Deleted the run “${oneLine(prompt, 40)}”.`, undo);
      }),
    async read(runId, signal) {
      const { summary, events } = await client.request('runs.read', { runId }, signal);
      return { summary, view: reduceEvents(EMPTY_RUN, events) };
    },
    recorded: (runId) => client.request('runs.read', { runId }),
    async delta(source) {
      return (await client.request('delta.read', source)).given;
    },
    similarity: (runIds) =>
      client.request('deltas.similarity', { deltas: runIds.map((runId) => ({ runId })) }),
    async deltaOfFile(file, choice) {
      const bytes = await readBytes(file);
      return client.request('delta.read', { kind: 'file', file: file.name, bytes, ...choice });
    },
    async lines(runId) {
      return (await client.request('runs.export', { runId })).text;
    },
    async vectors(runId) {
      return (await client.request('runs.vectors', { runId })).file;
    },
  };
}
