/** Writes a run to a file: its events, its vectors, or a page to read it in. What goes wrong is said in a toast. */
import type { Studio } from '../state/studio-context';
import { fileName, type Subject } from './file-name';
import type { PageRun } from './page-file';
import { saveFile } from './save-file';
import { savePage } from './save-page';

export async function exportLines(
  { runs, toasts }: Pick<Studio, 'runs' | 'toasts'>,
  runId: string,
  subject: Subject,
): Promise<void> {
  try {
    saveFile(fileName(subject, 'run', 'jsonl'), 'jsonl', await runs.lines(runId));
  } catch (thrown) {
    toasts.complain(thrown);
  }
}

export async function exportVectors(
  { runs, toasts }: Pick<Studio, 'runs' | 'toasts'>,
  runId: string,
  subject: Subject,
): Promise<void> {
  try {
    saveFile(fileName(subject, 'delta', 'safetensors'), 'safetensors', await runs.vectors(runId));
  } catch (thrown) {
    toasts.complain(thrown);
  }
}

/**
 * @param runIds one, or two to compare
 * @param withVectors whether every token of the vocabulary can be looked up in it, where the run has its vectors
 */
export async function exportPage(
  { shell, runs, toasts }: Pick<Studio, 'shell' | 'runs' | 'toasts'>,
  runIds: readonly string[],
  subject: Subject,
  withVectors: boolean,
): Promise<void> {
  try {
    const pageRuns = await Promise.all(runIds.map((runId) => pageRun(runs, runId, withVectors)));
    const what = runIds.length > 1 ? 'comparison' : 'run';
    await savePage({ shell, toasts }, fileName(subject, what, 'html'), { kind: 'runs', runs: pageRuns });
  } catch (thrown) {
    toasts.complain(thrown);
  }
}

async function pageRun(runs: Studio['runs'], runId: string, withVectors: boolean): Promise<PageRun> {
  const { summary, events } = await runs.recorded(runId);
  const adapting = withVectors && summary.lanes.some(({ steps }) => steps > 0);
  return { summary, events, vectors: adapting ? await runs.vectors(runId) : null };
}
