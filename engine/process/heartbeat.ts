/** Asks for signs of life, one at a time, and tells when they stay away and when they come back. */

export interface HeartbeatOptions {
  /** Milliseconds between two questions. */
  readonly every: number;
  /** Milliseconds without an answer that count as silence. */
  readonly silentAfter: number;
}

interface HeartbeatEnds {
  ask(): void;
  onSilence(forMs: number): void;
  onAnswer(): void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #ends: HeartbeatEnds;
  readonly #timer: NodeJS.Timeout;
  #heard = true;
  /**
   * Turns of the timer without an answer. Counted instead of read off a clock: while this process was held up, or the
   * machine asleep, nothing could be heard.
   */
  #missed = 0;

  constructor(options: HeartbeatOptions, ends: HeartbeatEnds) {
    this.#options = options;
    this.#ends = ends;
    this.#timer = setInterval(() => this.#turn(), options.every);
  }

  /** How long nothing was heard, in milliseconds; 0 while that is not long enough to mean anything. */
  get silentMs(): number {
    const forMs = this.#missed * this.#options.every;
    return forMs >= this.#options.silentAfter ? forMs : 0;
  }

  /** Call on every message: any of them shows that the process works. */
  hear(): void {
    const wasSilent = this.silentMs > 0;
    this.#heard = true;
    this.#missed = 0;
    if (wasSilent) this.#ends.onAnswer();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #turn(): void {
    if (this.#heard) {
      this.#heard = false;
      this.#ends.ask();
      return;
    }
    const wasSilent = this.silentMs > 0;
    this.#missed += 1;
    if (!wasSilent && this.silentMs > 0) this.#ends.onSilence(this.silentMs);
  }
}
