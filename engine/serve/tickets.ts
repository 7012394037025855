/** Secrets for one use within a short time. */
import { newSecret } from '../page/security';

interface Ticket {
  readonly timer: NodeJS.Timeout;
  spend(): void;
}

export class Tickets {
  readonly #lifetime: number;
  readonly #valid = new Map<string, Ticket>();

  /** @param lifetime of each, in milliseconds */
  constructor(lifetime: number) {
    this.#lifetime = lifetime;
  }

  /** `isGone` resolves once the ticket has been used, or its time is over. */
  issue(): { secret: string; isGone: Promise<void> } {
    const secret = newSecret();
    let spend: () => void = () => {};
    const isGone = new Promise<void>((resolve) => {
      spend = resolve;
    });
    const timer = setTimeout(() => this.use(secret), this.#lifetime);
    timer.unref();
    this.#valid.set(secret, { timer, spend });
    return { secret, isGone };
  }

  /** Whether it was valid; it is no longer. */
  use(secret: string | null | undefined): boolean {
    const ticket = this.#valid.get(secret ?? '');
    if (ticket === undefined) return false;
    clearTimeout(ticket.timer);
    ticket.spend();
    return this.#valid.delete(secret ?? '');
  }
}
