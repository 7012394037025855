/** Writes a run to a file: its events, or its vectors. What goes wrong is said in a toast. */
import type { Studio } from '../state/studio-context';
import { fileName, type Subject } from './file-name';
import { saveFile } from './save-file';

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
