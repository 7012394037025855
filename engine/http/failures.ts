/** What requests to other machines have in common where they fail: why, whether it may pass, and when to ask again. */
import { EngineError } from '../protocol';

/** A failure that may pass: another attempt can succeed. */
export class TransientError extends EngineError {
  constructor(
    code: string,
    message: string,
    hint: string,
    /** As the server asks, in milliseconds. */
    readonly retryAfter?: number,
  ) {
    super('failure', code, message, hint);
  }
}

/** What an answer's Retry-After asks for, in seconds or as a date. @returns milliseconds */
export function retryAfter(headers: { get(name: string): string | null }): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The innermost cause's code or first line: undici wraps what happened. */
export function reason(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (!(cause instanceof Error)) return String(cause);
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return cause.message.split('\n', 1)[0] ?? '';
}
