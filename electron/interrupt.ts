/** Ctrl+C as a signal for one piece of work: it ends that, and not the process. */
import { setTimeout as pause } from 'node:timers/promises';

/** One key reaches this process more than once where npm passes on what the terminal has told all; in milliseconds. */
const ECHO = 500;

export class Interrupt {
  readonly #controller = new AbortController();
  readonly #abort = () => this.#controller.abort(new Error('interrupted'));

  constructor() {
    process.on('SIGINT', this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves once no echo of a key that was pressed can be taken for another. */
  async close(): Promise<void> {
    if (this.signal.aborted) await pause(ECHO);
    process.off('SIGINT', this.#abort);
  }
}
