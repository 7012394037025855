/** How fast bytes arrive, over the last seconds. */

const WINDOW = 5_000;

export class Speed {
  private readonly samples: { readonly time: number; readonly bytes: number }[] = [];
  private started: number | undefined;

  /** `bytes` more have arrived at `time`, in milliseconds. */
  add(bytes: number, time: number): void {
    this.started ??= time;
    this.samples.push({ time, bytes });
  }

  /** Bytes per second; null where nothing has arrived of late. */
  at(time: number): number | null {
    while (this.samples[0] && this.samples[0].time < time - WINDOW) this.samples.shift();
    const bytes = this.samples.reduce((sum, sample) => sum + sample.bytes, 0);
    const elapsed = Math.min(WINDOW, time - (this.started ?? time));
    return bytes > 0 && elapsed > 0 ? (1000 * bytes) / elapsed : null;
  }
}
