/** Says how many lanes lie beyond either edge of the pane, and scrolls to the next of them. */
import { type RefObject, useEffect, useState } from 'react';
import { count } from '../../ui/text/format';

interface LanesBeyondProps {
  /** What scrolls sideways; every lane is equally wide in it. */
  readonly box: RefObject<HTMLElement | null>;
  readonly lanes: number;
}

/** A lane that is cut by less is in view. */
const SLACK_PX = 12;

export function LanesBeyond({ box, lanes }: LanesBeyondProps) {
  const [before, setBefore] = useState(0);
  const [after, setAfter] = useState(0);

  useEffect(() => {
    const outer = box.current;
    if (!outer) return;
    const measure = () => {
      const { scrollLeft, clientWidth, scrollWidth } = outer;
      const width = scrollWidth / lanes;
      setBefore(Math.max(0, Math.ceil((scrollLeft - SLACK_PX) / width)));
      setAfter(Math.max(0, lanes - Math.floor((scrollLeft + clientWidth + SLACK_PX) / width)));
    };
    // Told at once when it begins to observe, and whenever the pane is made wider or narrower.
    const observer = new ResizeObserver(measure);
    observer.observe(outer);
    outer.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      outer.removeEventListener('scroll', measure);
    };
  }, [box, lanes]);

  const scroll = (direction: 1 | -1) => {
    const outer = box.current;
    outer?.scrollBy({ left: (direction * outer.scrollWidth) / lanes });
  };
  if (before + after === 0) return null;
  return (
    <p className="lanes-beyond" data-testid="lanes-beyond">
      {before > 0 && (
        <button type="button" className="button button--quiet" onClick={() => scroll(-1)}>
          ◂ {count(before, 'more lane')}
        </button>
      )}
      {after > 0 && (
        <button type="button" className="button button--quiet" onClick={() => scroll(1)}>
          {count(after, 'more lane')} ▸
        </button>
      )}
    </p>
  );
}
