/** Asks again where what went wrong may pass by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from './faults';
import type { InferenceServer } from './inference-server';

const ATTEMPTS = 4;
/** How long an evaluation waits for a server that is away. */
const PATIENCE_MS = 15 * 60_000;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
const MAX_WAIT_MS = 5_000;
/** Of a server that answers, and will have what is asked for. */
const PASSING: ReadonlySet<string> = new Set(['server-busy', 'server-loading']);

/** @throws what still goes wrong after some attempts; the signal's reason */
export async function retrying<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      const passes = error instanceof TransientError && PASSING.has(error.code);
      if (!passes || attempt === ATTEMPTS) throw error;
      const delay = error.retryAfter ?? FIRST_DELAY_MS * 2 ** (attempt - 1);
      await sleep(Math.min(delay, MAX_DELAY_MS), undefined, { signal });
    }
  }
}

/**
 * Also outlives a server that is started again, as long as the same model answers.
 * @throws what goes wrong for good, or for too long; the signal's reason
 */
export async function patiently<T>(
  server: Pick<InferenceServer, 'checkSame'>,
  ask: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (let wait = FIRST_DELAY_MS, wasAway = false; ; wait = Math.min(2 * wait, MAX_WAIT_MS)) {
    try {
      if (wasAway) await server.checkSame(signal);
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransientError) || performance.now() > until) throw error;
      wasAway = true;
      await sleep(error.retryAfter ?? wait, undefined, { signal });
    }
  }
}
