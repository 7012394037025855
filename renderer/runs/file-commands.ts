/** What the palette does with files: the conversation to one, and runs or conversations from some. */
import { exportConversation } from '../export/export-conversation';
import { subjectOf } from '../export/use-subject';
import type { Studio } from '../state/studio-context';
import { importAll } from './import-all';

/** What can be imported, for dialogs that ask for it. */
export const IMPORTED_FILES = '.jsonl,.ndjson,.json,application/x-ndjson,.safetensors';

export function saveConversation(studio: Studio): void {
  void exportConversation(studio, subjectOf(studio.store.getState()));
}

/** Opens the dialog that asks for files. */
export function chooseImports({ runs }: Pick<Studio, 'runs'>): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = IMPORTED_FILES;
  input.multiple = true;
  input.addEventListener('change', () => void importAll(runs, input.files ?? []));
  input.click();
}
