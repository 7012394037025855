/** So many pieces of work at once; others wait in the order that they came. */
export class Slots {
  private busy = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(readonly count: number) {}

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy < this.count) this.busy++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      // A place is handed on, so that nobody comes between.
      const next = this.waiting.shift();
      if (next) next();
      else this.busy--;
    }
  }
}
