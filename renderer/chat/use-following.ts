/** Keeps the newest line in view while answers grow, unless the reader has scrolled up. */
import { type RefObject, useEffect, useRef } from 'react';

interface Following {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly onScroll: () => void;
}

const NEAR_END_PX = 24;

/** @param turns a new turn is always shown */
export function useFollowing(turns: number): Following {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follows = useRef(true);

  const shownTurns = useRef(turns);
  useEffect(() => {
    if (turns !== shownTurns.current) follows.current = true;
    shownTurns.current = turns;
  }, [turns]);

  useEffect(() => {
    const outer = box.current;
    const inner = content.current;
    if (!outer || !inner) return;
    // Told after the browser's own layout: asking for heights here costs no second one.
    const observer = new ResizeObserver(() => {
      if (follows.current) outer.scrollTop = outer.scrollHeight;
    });
    observer.observe(inner);
    // What spans all columns stays as wide as what is in sight, however many columns there are.
    const width = new ResizeObserver(() => outer.style.setProperty('--in-sight', `${outer.clientWidth}px`));
    width.observe(outer);
    return () => {
      observer.disconnect();
      width.disconnect();
    };
  }, []);

  const onScroll = () => {
    const outer = box.current;
    if (outer) follows.current = outer.scrollHeight - outer.scrollTop - outer.clientHeight < NEAR_END_PX;
  };
  return { box, content, onScroll };
}
