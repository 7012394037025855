/** Asks the user what is to become of a window that does not answer. */
import { type BrowserWindow, dialog } from 'electron';

const CHOICES = ['Wait', 'Reload'] as const;

/** @param note takes down that it happened */
export function watchHangs(window: BrowserWindow, note: (text: string) => void): void {
  let asked: AbortController | undefined;

  const ask = async () => {
    if (asked !== undefined) return;
    asked = new AbortController();
    note('The window did not answer.');
    const { response } = await dialog.showMessageBox(window, {
      type: 'warning',
      title: 'SLOT Studio',
      message: 'The window does not answer.',
      detail:
        'It may be drawing something large. The engine works on, and stored runs are safe. ' +
        'Reloading keeps what was typed as it was a moment ago.',
      buttons: [...CHOICES],
      defaultId: 0,
      cancelId: 0,
      signal: asked.signal,
    });
    const isOver = asked.signal.aborted;
    asked = undefined;
    if (isOver || CHOICES[response] !== 'Reload' || window.isDestroyed()) return;
    // A page that hangs cannot be reloaded; one whose process is gone is, see CrashWatch.
    window.webContents.forcefullyCrashRenderer();
  };

  window.on('unresponsive', () => void ask());
  window.on('responsive', () => asked?.abort());
  window.on('closed', () => asked?.abort());
}
