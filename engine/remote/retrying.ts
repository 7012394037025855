/** Asks again where what went wrong may pass by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from '../http/failures';
import { EngineError } from '../protocol';

const ATTEMPTS = 4;
/** How long an evaluation waits for a server that is away. */
const PATIENCE_MS = 15 * 60_000;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
const MAX_WAIT_MS = 5_000;
/** Of a server that answers, and will have what is asked for. */
const PASSING: ReadonlySet<string> = new Set(['server-busy', 'server-loading']);

/** How something is asked until it is answered. */
export type Patience = <T>(ask: () => Promise<T>) => Promise<T>;

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
 * Also outlives a server that is started again.
 * @param onWait told why it will be asked again
 * @throws what goes wrong for good, or for too long, as a failure of the server and not of what it is asked; the signal's
 * reason
 */
export async function patiently<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  onWait: (error: TransientError) => void = () => {},
): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (let wait = FIRST_DELAY_MS; ; wait = Math.min(2 * wait, MAX_WAIT_MS)) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransientError) || performance.now() > until) throw ofServer(error);
      onWait(error);
      await sleep(Math.min(error.retryAfter ?? wait, PATIENCE_MS), undefined, { signal });
    }
  }
}

function ofServer(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  return new EngineError('failure', error.code, error.message, error.hint);
}
