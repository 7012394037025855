/** Something read from the engine for the views that are open: asked for when it changes, dropped when it is stale. */
import { useEffect, useRef, useState } from 'react';
import type { Failure } from '../run/run-view';
import { asFailure } from './session';

export interface Reading<T> {
  /** The newest answer, perhaps still that of the question before: see `isCurrent`. */
  readonly value: T | null;
  readonly failure: Failure | null;
  readonly isCurrent: boolean;
}

interface Answer<T> {
  readonly key: string;
  readonly value: T | null;
  readonly failure: Failure | null;
}

/**
 * @param key names what is read; null reads nothing
 * @param scope answers of another scope are not shown in the meantime
 * @param delay milliseconds to wait for the key to settle
 */
export function useReading<T>(
  key: string | null,
  scope: string,
  read: () => Promise<T>,
  delay = 0,
): Reading<T> {
  const [answer, setAnswer] = useState<(Answer<T> & { readonly scope: string }) | null>(null);
  const latest = useRef(read);
  latest.current = read;

  useEffect(() => {
    if (key === null) return;
    let current = true;
    const ask = () =>
      latest.current().then(
        (value) => current && setAnswer({ key, scope, value, failure: null }),
        (thrown: unknown) => current && setAnswer({ key, scope, value: null, failure: asFailure(thrown) }),
      );
    const timer = setTimeout(ask, delay);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [key, scope, delay]);

  if (key === null || answer?.scope !== scope) return { value: null, failure: null, isCurrent: false };
  const isCurrent = answer.key === key;
  return { value: answer.value, failure: isCurrent ? answer.failure : null, isCurrent };
}
