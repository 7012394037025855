/** One thing read for the views that are open: asked once the question rests, given up when nobody waits for it. */
import { type Failure, toFailure } from '../../engine/protocol';

export interface Question {
  /** Names what is read; null reads nothing. */
  readonly key: string | null;
  /** Replies of another scope are not shown in the meantime. */
  readonly scope: unknown;
  /** Counts up: the same question is asked again. */
  readonly attempt: number;
}

export interface Reply<T> {
  readonly question: Question;
  readonly value: T | null;
  readonly failure: Failure | null;
}

export interface Shown<T> {
  /** The newest reply, perhaps still that of the question before: see `isCurrent`. */
  readonly value: T | null;
  readonly failure: Failure | null;
  /** The reply, or the failure, is that of the question asked last. */
  readonly isCurrent: boolean;
}

const NOTHING = { value: null, failure: null, isCurrent: false } as const;

/** What a view shows while `question` is asked and `reply` is the newest there is. */
export function shownReading<T>(question: Question, reply: Reply<T> | null): Shown<T> {
  if (question.key === null || reply === null || reply.question.scope !== question.scope) return NOTHING;
  const isCurrent = reply.question.key === question.key && reply.question.attempt === question.attempt;
  return { value: reply.value, failure: isCurrent ? reply.failure : null, isCurrent };
}

/**
 * Asks after `delay` milliseconds and hands the reply to `settle`, unless stopped first.
 * @param read its signal is aborted by the stop
 * @returns stops; does nothing once settled
 */
export function startReading<T>(
  question: Question,
  read: (signal: AbortSignal) => Promise<T>,
  delay: number,
  settle: (reply: Reply<T>) => void,
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const ask = async () => {
    try {
      const value = await read(signal);
      if (!signal.aborted) settle({ question, value, failure: null });
    } catch (thrown) {
      if (!signal.aborted) settle({ question, value: null, failure: toFailure(thrown) });
    }
  };
  const timer = setTimeout(() => void ask(), delay);
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
}
