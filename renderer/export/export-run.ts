/** Writes a run to a file: its events, or its vectors. What goes wrong is said in a toast. */
import type { Library } from '../state/library';
import { fileName, type Subject } from './file-name';
import { saveFile } from './save-file';

export async function exportLines(library: Library, runId: string, subject: Subject): Promise<void> {
  try {
    saveFile(fileName(subject, 'run', 'jsonl'), 'jsonl', await library.lines(runId));
  } catch (thrown) {
    library.complain(thrown);
  }
}

export async function exportVectors(library: Library, runId: string, subject: Subject): Promise<void> {
  try {
    saveFile(fileName(subject, 'delta', 'safetensors'), 'safetensors', await library.vectors(runId));
  } catch (thrown) {
    library.complain(thrown);
  }
}
