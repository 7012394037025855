/** Hands events over a few times a second, so that a fast stream costs few drawings, not hundreds. */

/** Calls back at the next frame; returns a function that takes it back. */
export type Scheduler = (callback: () => void) => () => void;

/** A hidden page gets no frames; a timer then takes their place. */
export const nextFrame: Scheduler = (callback) => {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    callback();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, 250);
  return () => {
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
};

/** With the wait for a frame, five drawings a second: as many as one reads along with. The cores are the engine's. */
const MIN_REST_MS = 185;
const MAX_REST_MS = 250;

/**
 * What comes after a pause is handed over at the next frame. After each hand-over it rests, for as long as the drawing
 * took or longer: however costly a frame, half of the thread's time stays free for keys, clicks and the messages that
 * come in.
 */
export class EventBatcher<T> {
  #waiting: T[] = [];
  #takeBack: (() => void) | null = null;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly deliver: (batch: readonly T[]) => void,
    private readonly schedule: Scheduler = nextFrame,
    private readonly now: () => number = () => performance.now(),
  ) {}

  push(item: T): void {
    this.#waiting.push(item);
    this.#takeBack ??= this.#arrange();
  }

  flush(): void {
    this.#takeBack?.();
    this.#takeBack = null;
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    const started = this.now();
    this.deliver(batch);
    // React draws in a microtask that was queued by the hand-over, before this one.
    queueMicrotask(() => {
      const drawn = this.now();
      const rest = Math.max(MIN_REST_MS, Math.min(drawn - started, MAX_REST_MS));
      this.#restsUntil = drawn + rest;
    });
  }

  #arrange(): () => void {
    const draw = () => this.schedule(() => this.flush());
    const rest = this.#restsUntil - this.now();
    if (rest <= 0) return draw();
    const timer = setTimeout(() => {
      this.#takeBack = draw();
    }, rest);
    return () => clearTimeout(timer);
  }
}
