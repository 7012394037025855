/** How many answers a server is asked for at once: found by measuring, since no server says what keeps it busy. */

/** Of the answers a minute that were best before: less is chance. */
const GAIN = 1.05;
const FIRST = 2;

/**
 * Grows by half while answers a minute grow, and goes back to what was best when they do not. A server that asks for less is
 * asked for half, and never again for as many.
 */
export class Concurrency {
  private now: number;
  private most: number;
  private best = { limit: 0, rate: 0 };
  private isSettled = false;
  private ended = 0;
  private since: number;

  /** @param clock in milliseconds */
  constructor(
    most: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.most = Math.max(1, most);
    this.now = Math.min(FIRST, this.most);
    this.since = clock();
  }

  get limit(): number {
    return this.now;
  }

  /** Told of each answer: twice as many as are asked for at once tell how fast they come. */
  answered(): void {
    this.ended++;
    if (this.isSettled || this.ended < 2 * this.now) return;
    const rate = this.ended / Math.max(1, this.clock() - this.since);
    const grows = rate > this.best.rate * GAIN;
    if (grows) this.best = { limit: this.now, rate };
    this.isSettled = !grows || this.now === this.most;
    this.begin(this.isSettled ? this.best.limit : Math.min(this.most, Math.ceil(1.5 * this.now)));
  }

  /**
   * Told when the server asks for fewer requests. Those that were asked for together are refused together, once for all.
   * @param limit when the request was made, or refused before
   * @returns the limit now
   */
  wasRefused(limit: number): number {
    if (limit !== this.now) return this.now;
    this.most = Math.max(1, Math.min(this.most, limit - 1));
    this.isSettled = true;
    this.begin(Math.max(1, Math.floor(limit / 2)));
    return this.now;
  }

  private begin(limit: number): void {
    this.now = limit;
    this.ended = 0;
    this.since = this.clock();
  }
}
