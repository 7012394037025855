/** Draws slow charts one at a time, each in a frame of its own, so that no task holds the page up for long. */
import { useEffect, useState } from 'react';
import { nextFrame } from '../run/event-batcher';

const waiting: (() => void)[] = [];
let isArranged = false;

/** Returns a function that gives the turn up. */
function takeTurn(draw: () => void): () => void {
  waiting.push(draw);
  arrange();
  return () => {
    const at = waiting.indexOf(draw);
    if (at >= 0) waiting.splice(at, 1);
  };
}

function arrange(): void {
  if (isArranged || waiting.length === 0) return;
  isArranged = true;
  nextFrame(() => {
    isArranged = false;
    waiting.shift()?.();
    arrange();
  });
}

/**
 * The newest value that has had its turn; null before the first.
 * @param isSeen a value that is not need not be drawn in place of another
 */
export function useInTurn<T extends object>(value: T, isSeen: boolean): T | null {
  const [shown, setShown] = useState<T | null>(null);
  const isDue = isSeen || shown === null;
  useEffect(() => (isDue ? takeTurn(() => setShown(value)) : undefined), [value, isDue]);
  return shown;
}
