/** The window's clock while something is under way: it moves with every event and, where none comes, by itself. */
import { useEffect, useRef, useState } from 'react';

const TICK_MS = 250;

/** @param newestAt of the newest event: what is drawn for it need not be drawn again a moment later */
export function useNow(ticking: boolean, newestAt: number): number {
  const [now, setNow] = useState(newestAt);
  const drawnAt = useRef(newestAt);
  drawnAt.current = Math.max(now, newestAt);
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => {
      const time = performance.now();
      if (time - drawnAt.current >= TICK_MS) setNow(time);
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [ticking]);
  return Math.max(now, newestAt);
}
