/** Hands events over once per animation frame, so that a fast stream costs one render, not hundreds. */

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

const SHORTEST_REST_MS = 8;
const LONGEST_REST_MS = 250;

/**
 * After each hand-over it rests for as long as the drawing took: however costly a frame, half of the thread's time
 * stays free for keys, clicks and the messages that come in, and a fast engine is never followed from far behind.
 */
export class EventBatcher<T> {
  #waiting: T[] = [];
  #takeBack: (() => void) | null = null;
  #restMs = 0;

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
      this.#restMs = Math.min(this.now() - started, LONGEST_REST_MS);
    });
  }

  #arrange(): () => void {
    const draw = () => this.schedule(() => this.flush());
    if (this.#restMs < SHORTEST_REST_MS) return draw();
    const timer = setTimeout(() => {
      this.#takeBack = draw();
    }, this.#restMs);
    return () => clearTimeout(timer);
  }
}
