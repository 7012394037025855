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

export class EventBatcher<T> {
  #waiting: T[] = [];
  #takeBack: (() => void) | null = null;

  constructor(
    private readonly deliver: (batch: readonly T[]) => void,
    private readonly schedule: Scheduler = nextFrame,
  ) {}

  push(item: T): void {
    this.#waiting.push(item);
    this.#takeBack ??= this.schedule(() => this.flush());
  }

  flush(): void {
    this.#takeBack?.();
    this.#takeBack = null;
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.deliver(batch);
  }
}
