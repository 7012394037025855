/** How many answers a server is asked for at once: found by measuring, since no server says what keeps it busy. */
import type { TransientError } from '../http/failures';
import type { ServerConcurrency } from '../protocol';

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
  private readonly allowed: number;
  /** Answers a minute. */
  private readonly measured = new Map<number, number>();
  private refused = 0;

  /** @param clock in milliseconds */
  constructor(
    most: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.allowed = Math.max(1, most);
    this.most = this.allowed;
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
    this.measured.set(this.now, 60_000 * rate);
    const grows = rate > this.best.rate * GAIN;
    if (grows) this.best = { limit: this.now, rate };
    this.isSettled = !grows || this.now === this.most;
    this.begin(this.isSettled ? this.best.limit : Math.min(this.most, Math.ceil(1.5 * this.now)));
  }

  /** What came before now says nothing of how fast answers come. */
  measureAnew(): void {
    this.begin(this.now);
  }

  /** For what is asked for from now on: told of each failure that passes by itself, before it is asked for again. */
  heeding(): (error: TransientError) => void {
    let asked = this.now;
    return ({ code }) => {
      if (code === 'server-busy') asked = this.wasRefused(asked);
      else this.measureAnew();
    };
  }

  /**
   * Told when the server asks for fewer requests. Those that were asked for together are refused together, once for all.
   * @param limit when the request was made, or refused before
   * @returns the limit now
   */
  wasRefused(limit: number): number {
    this.refused++;
    if (limit !== this.now) return this.now;
    this.most = Math.max(1, Math.min(this.most, limit - 1));
    this.isSettled = true;
    this.begin(Math.max(1, Math.floor(limit / 2)));
    return this.now;
  }

  get use(): ServerConcurrency {
    const { allowed, now: used, isSettled, refused } = this;
    const measured = [...this.measured].map(([atOnce, perMinute]) => ({ atOnce, perMinute }));
    const found = { allowed, used, isSettled, measured, refused };
    return { ...found, message: inWords(found) };
  }

  private begin(limit: number): void {
    this.now = limit;
    this.ended = 0;
    this.since = this.clock();
  }
}

function inWords({
  allowed,
  used,
  isSettled,
  measured,
  refused,
}: Omit<ServerConcurrency, 'message'>): string {
  const rates = measured.map(
    ({ atOnce, perMinute }) => `${perMinute.toPrecision(3)} a minute with ${atOnce}`,
  );
  return [
    `${used} at once, of ${allowed} allowed${isSettled ? '' : ', not measured to the end'}`,
    rates.length === 0 ? [] : `answers came at ${rates.join(', ')}`,
    refused === 0 ? [] : `it asked for fewer requests ${refused === 1 ? 'once' : `${refused} times`}`,
  ]
    .flat()
    .join('; ');
}
