/** Something read from the engine, or worked out beside the window, while a view is open that shows it. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Reply, type Shown, shownReading, startReading } from './reading';

export interface Reading<T> extends Shown<T> {
  /** Asks the same question again. */
  retry(): void;
}

export interface ReadingOptions<T> {
  /** Names what is read; null reads nothing. */
  readonly key: string | null;
  /** Replies of another scope are not shown in the meantime. */
  readonly scope: unknown;
  /** @param signal aborted when another key is asked for, or nobody looks any more */
  readonly read: (signal: AbortSignal) => Promise<T>;
  /** Milliseconds to wait for the key to settle. */
  readonly delay?: number;
}

export function useReading<T>({ key, scope, read, delay = 0 }: ReadingOptions<T>): Reading<T> {
  const [attempt, setAttempt] = useState(0);
  const [reply, setReply] = useState<Reply<T> | null>(null);
  const latest = useRef(read);
  latest.current = read;
  const shown = shownReading({ key, scope, attempt }, reply);
  const isSettled = shown.isCurrent && shown.failure === null;

  useEffect(() => {
    // A reply in hand, or its failure, stands until the question changes.
    if (key === null || isSettled) return;
    return startReading({ key, scope, attempt }, (signal) => latest.current(signal), delay, setReply);
  }, [key, scope, attempt, delay, isSettled]);

  const retry = useCallback(() => setAttempt((before) => before + 1), []);
  const { value, failure, isCurrent } = shown;
  return useMemo(() => ({ value, failure, isCurrent, retry }), [value, failure, isCurrent, retry]);
}
