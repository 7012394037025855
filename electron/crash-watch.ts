/** Loads a page again whose process has died, and asks the user where that does not help. */
import { BrowserWindow, dialog, type WebContents } from 'electron';

/** A page that crashes this often within this many milliseconds crashes because of what it shows. */
const MAX_RELOADS = 3;
const WINDOW_MS = 60_000;

const CHOICES = ['Try Again', 'Forget Layout and Drafts', 'Quit'] as const;

interface CrashActions {
  /** Clears what the page keeps between loads, which may be what makes it crash. */
  forget(): Promise<void>;
  quit(): void;
  /** Takes down what happened. */
  note(text: string): void;
}

export class CrashWatch {
  readonly #actions: CrashActions;
  readonly #now: () => number;
  #reloads: number[] = [];

  constructor(actions: CrashActions, now: () => number = () => performance.now()) {
    this.#actions = actions;
    this.#now = now;
  }

  /** From Electron's `render-process-gone`. */
  async gone(contents: WebContents, reason: string): Promise<void> {
    if (reason === 'clean-exit' || contents.isDestroyed()) return;
    this.#actions.note(`The window's process ended (${reason}).`);
    const now = this.#now();
    this.#reloads = this.#reloads.filter((at) => now - at < WINDOW_MS);
    if (this.#reloads.length < MAX_RELOADS) {
      this.#reloads.push(now);
      contents.reload();
      return;
    }
    const choice = CHOICES[await this.#ask(contents, reason)];
    this.#reloads = [];
    if (choice === 'Quit') return this.#actions.quit();
    if (choice === 'Forget Layout and Drafts') await this.#actions.forget();
    if (!contents.isDestroyed()) contents.reload();
  }

  async #ask(contents: WebContents, reason: string): Promise<number> {
    const options: Electron.MessageBoxOptions = {
      type: 'error',
      title: 'SLOT Studio',
      message: 'The window keeps crashing.',
      detail:
        `It was loaded again ${MAX_RELOADS} times within a minute (${reason}). Stored runs are safe. ` +
        'If trying again does not help, let the window forget its layout and what was typed, but not sent.',
      buttons: [...CHOICES],
      defaultId: 0,
      cancelId: CHOICES.indexOf('Quit'),
    };
    const window = BrowserWindow.fromWebContents(contents);
    const { response } = await (window
      ? dialog.showMessageBox(window, options)
      : dialog.showMessageBox(options));
    return response;
  }
}
