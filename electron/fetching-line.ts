/** How far the runtime's download is: on one line that is written over, or on a few that stay. */
import type { WriteStream } from 'node:tty';
import prettyBytes from 'pretty-bytes';

/** Milliseconds between two drawings of the line. */
const REDRAW = 200;
/** Where no terminal shows progress as it moves, a line tells of each step of this many percent. */
const LINE_PERCENT = 10;
const WHAT = 'Fetching the Electron runtime, once';
const WAY_OUT = ' (Ctrl+C: go on in the browser)';

export class FetchingLine {
  readonly #out: Pick<WriteStream, 'isTTY' | 'write'>;
  readonly #now: () => number;
  /** Where the counting of the speed began: when, and after how many bytes. */
  #start: { at: number; done: number } | undefined;
  #drawn = Number.NEGATIVE_INFINITY;
  #toldStep = -1;

  constructor(out: Pick<WriteStream, 'isTTY' | 'write'>, now: () => number = () => performance.now()) {
    this.#out = out;
    this.#now = now;
  }

  /** Bytes that are there, and of the whole where that is known. */
  progress(done: number, total: number | null): void {
    const now = this.#now();
    this.#start ??= { at: now, done };
    if (this.#out.isTTY) {
      if (now - this.#drawn < REDRAW && done !== total) return;
      this.#drawn = now;
      this.#draw(`${WHAT}: ${this.#amount(done, total, now)}${WAY_OUT}`);
      return;
    }
    const step = total === null ? 0 : Math.floor((100 * done) / total / LINE_PERCENT);
    if (step <= this.#toldStep) return;
    this.#toldStep = step;
    this.#out.write(`${WHAT}: ${this.#amount(done, total, now)}\n`);
  }

  /** The connection was cut, and another is tried. */
  cut(): void {
    this.#start = undefined;
    this.#drawn = Number.NEGATIVE_INFINITY;
    const words = `${WHAT}: the connection was cut, trying again`;
    if (this.#out.isTTY) this.#draw(`${words}${WAY_OUT}`);
    else this.#out.write(`${words}\n`);
  }

  clear(): void {
    if (this.#out.isTTY) this.#draw('');
  }

  #draw(text: string): void {
    this.#out.write(`\r${text}\u001b[K`);
  }

  #amount(done: number, total: number | null, now: number): string {
    if (total === null) return prettyBytes(done);
    const { at, done: before } = this.#start ?? { at: now, done };
    const perMs = (done - before) / (now - at);
    const left = perMs > 0 && Number.isFinite(perMs) ? `, ${seconds((total - done) / perMs)} left` : '';
    return `${prettyBytes(done)} of ${prettyBytes(total)}${left}`;
  }
}

function seconds(ms: number): string {
  const whole = Math.ceil(ms / 1000);
  return whole < 90 ? `${whole} s` : `${Math.ceil(whole / 60)} min`;
}
