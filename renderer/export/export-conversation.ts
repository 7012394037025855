/** Writes the conversation that is held to one file, and says how large it is and what is not in it. */
import type { Studio } from '../state/studio-context';
import { count, number } from '../ui/text/format';
import { fileName, type Subject } from './file-name';
import { saveFile } from './save-file';

export async function exportConversation(
  { runs, toasts }: Pick<Studio, 'runs' | 'toasts'>,
  subject: Subject,
): Promise<void> {
  try {
    const { parts, turns, runs: written, bytes, leftOut } = await runs.conversationFile();
    saveFile(fileName(subject, 'conversation', 'jsonl'), 'jsonl', new Blob([...parts]));
    const without =
      leftOut > 0
        ? ` ${count(leftOut, 'run')} too large for it, or not stored: their answers are there as texts; export such a run by itself.`
        : '';
    toasts.say(
      `Saved the conversation: ${count(turns, 'turn')}, ${count(written, 'run')}, ${number(bytes / 2 ** 20, 2)} MiB.${without}`,
    );
  } catch (thrown) {
    toasts.complain(thrown);
  }
}
