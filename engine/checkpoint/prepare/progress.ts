/** How far the work is, and how long it will still take. */

/** Seconds before the first guess. */
const SETTLE = 0.5;

export interface Progress {
  /** `waiting`: another process prepares the same. `checking`: what is there was touched since it was made. */
  readonly phase: 'waiting' | 'preparing' | 'checking';
  /** Bytes of what is being written or read. */
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | null;
}

/** @returns to be called with the bytes of each piece of work that is done */
export function countBytes(
  phase: Progress['phase'],
  total: number,
  onProgress: (progress: Progress) => void,
): (bytes: number) => void {
  let done = 0;
  // Threads take a while to start: what is counted is from the first piece on.
  let first: { readonly time: number; readonly bytes: number } | undefined;
  onProgress({ phase, done, total, secondsLeft: null });
  return (bytes) => {
    done += bytes;
    const time = performance.now();
    first ??= { time, bytes };
    const seconds = (time - first.time) / 1000;
    const secondsLeft = seconds < SETTLE ? null : (seconds * (total - done)) / (done - first.bytes);
    onProgress({ phase, done, total, secondsLeft });
  };
}
