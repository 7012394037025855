/** What goes wrong between here and the hub, in a line each; and trying again where it may pass by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'undici';
import { reason, retryAfter, TransientError } from '../http/failures';
import { badInput, type EngineError, failure } from '../protocol';

/** Attempts in a row that bring nothing: of a download, and of a question whose answer someone waits for. */
export const PATIENT = 6;
export const IMPATIENT = 3;
const FIRST_DELAY = 500;
const MAX_DELAY_MS = 60_000;

interface RetryPolicy {
  readonly attempts: number;
  readonly signal?: AbortSignal | undefined;
  /** Told what went wrong and how long the wait is, in milliseconds. */
  readonly onWait?: (why: TransientError, delay: number) => void;
  /** Whether the attempt brought something all the same, so that counting begins anew. */
  readonly hasMoved?: () => boolean;
}

/** Works until it succeeds, fails for good, or has failed too often in a row. */
export async function retrying<T>(
  work: () => Promise<T>,
  { attempts, signal, onWait, hasMoved }: RetryPolicy,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof TransientError)) throw error;
      if (hasMoved?.()) attempt = 1;
      if (attempt >= attempts) throw error;
      const delay = Math.min(error.retryAfter ?? FIRST_DELAY * 2 ** (attempt - 1), MAX_DELAY_MS);
      onWait?.(error, delay);
      await sleep(delay, undefined, signal ? { signal } : {});
    }
  }
}

/** A connection that broke while its answer was coming. */
export function cut(error: unknown): TransientError {
  return new TransientError(
    'cut',
    `the connection was cut (${reason(error)})`,
    'Pull again to go on from there.',
  );
}

/** What the hub's answer means where it is no success. @param page of what was asked for */
export function refusal(response: Response, page: string, hasToken: boolean): EngineError {
  const wayIn = `If it is gated, accept its licence at ${page}; then set HF_TOKEN, or log in with \`hf auth login\``;
  const what = page.includes('/datasets/') ? 'data set' : 'model';
  const { status } = response;
  const code = response.headers.get('x-error-code');
  if (code === 'RevisionNotFound') {
    return badInput(
      'no-revision',
      `the hub has no such revision of this ${what}`,
      'Leave it out for "main".',
    );
  }
  if (code === 'EntryNotFound') return badInput('no-file', 'the hub has no such file (404)');
  if (code === 'GatedRepo' || status === 403) {
    return badInput('gated', `the hub does not grant access to this ${what} (${status})`, wayIn);
  }
  if (status === 401) {
    const message = hasToken
      ? `the hub does not accept the token for this ${what} (401)`
      : `the hub shows no such ${what} without a token (401): it is private or gated, or its name is wrong`;
    return badInput('unauthorised', message, wayIn);
  }
  if (status === 404) return badInput('no-model', `the hub has no such ${what} (404)`, 'Check its name.');
  if (status === 429) {
    return new TransientError(
      'rate-limited',
      'the hub asks for fewer requests (429)',
      'Try again in a few minutes; a token raises the limit.',
      retryAfter(response.headers),
    );
  }
  if (status >= 500 || status === 408) {
    return new TransientError(
      'hub-trouble',
      `the hub has trouble of its own (${status})`,
      'Try again later.',
      retryAfter(response.headers),
    );
  }
  return failure('bad-answer', `the hub answers with ${status}`, 'Try again later.');
}

/** A CDN knows no models or accounts: either its address has expired, or the CDN itself fails. */
export function cdnRefusal(response: Response, { host }: URL): TransientError {
  return new TransientError(
    'cdn-refused',
    `${host}, to which the hub sends for the file, does not give it (${response.status})`,
    'Try again later.',
    retryAfter(response.headers),
  );
}

export function unreachable(host: string, error: unknown): EngineError {
  if (/CERT|SIGNED|SIGNATURE/.test(reason(error))) {
    return failure(
      'untrusted',
      `${host} has a certificate that is not trusted (${reason(error)})`,
      "Behind a proxy that looks into https, set NODE_EXTRA_CA_CERTS to the file of its owner's certificate.",
    );
  }
  return new TransientError(
    'unreachable',
    `${host} cannot be reached (${reason(error)})`,
    'Check the connection, HF_ENDPOINT and HTTPS_PROXY.',
  );
}
