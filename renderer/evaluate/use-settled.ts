/** A value that changes often, taken over now and then: what it asks for is not asked with every change. */
import { useEffect, useState } from 'react';

/** @returns the value as of at most `ms` ago, and the newest once it rests */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState({ value, at: 0 });
  useEffect(() => {
    if (Object.is(settled.value, value)) return;
    const wait = Math.max(0, settled.at + ms - performance.now());
    const timer = setTimeout(() => setSettled({ value, at: performance.now() }), wait);
    return () => clearTimeout(timer);
  }, [settled, value, ms]);
  return settled.value;
}
