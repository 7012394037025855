/** An answer as a row of tokens, each of which can be looked into with the pointer or the arrow keys. */
import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useRef } from 'react';
import type { LaneView } from '../../run/run-view';
import type { Inspected } from './token-card';
import { TokenChunk } from './token-chunk';

interface LaneTextProps {
  readonly lane: LaneView;
  readonly divergence: number | null;
  readonly inspected: number | null;
  readonly onInspect: (inspected: Inspected | null) => void;
}

const CHUNK = 64;
const NEAR_END_PX = 24;

export function LaneText({ lane, divergence, inspected, onInspect }: LaneTextProps) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const { tokens } = lane;

  // Keeps the newest token in view unless the reader has scrolled up.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when tokens arrive
  useLayoutEffect(() => {
    const element = box.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [tokens.length]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
  };

  const inspect = (element: Element | null) => {
    if (!(element instanceof HTMLElement)) return;
    const index = Number(element.dataset.index);
    onInspect({ lane: lane.name, index, anchor: element.getBoundingClientRect() });
  };
  const onPointer = (event: PointerEvent) => {
    const token = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    if (token) inspect(token);
    else onInspect(null);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && inspected !== null) {
      event.preventDefault();
      onInspect(null);
      return;
    }
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const start = step > 0 ? -1 : tokens.length;
    const index = Math.min(tokens.length - 1, Math.max(0, (inspected ?? start) + step));
    const element = box.current?.querySelector(`[data-index="${index}"]`) ?? null;
    element?.scrollIntoView({ block: 'nearest' });
    inspect(element);
  };

  const chunks = Array.from({ length: Math.ceil(tokens.length / CHUNK) }, (_, chunk) => chunk * CHUNK);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a textarea holds no spans; this is its read-only kin
    <div
      ref={box}
      className="lane-text"
      data-testid="lane-text"
      role="textbox"
      aria-readonly="true"
      aria-multiline="true"
      aria-label={`Answer of ${lane.name}; left and right arrows look into its tokens`}
      tabIndex={0}
      onScroll={onScroll}
      onPointerOver={onPointer}
      onPointerLeave={() => onInspect(null)}
      onBlur={() => onInspect(null)}
      onKeyDown={onKey}
    >
      {chunks.map((from) => (
        <TokenChunk
          key={from}
          tokens={tokens}
          from={from}
          to={Math.min(tokens.length, from + CHUNK)}
          divergence={within(divergence, from)}
          inspected={within(inspected, from)}
        />
      ))}
      {divergence === tokens.length && lane.end && <span className="token__flag">≠ ends here</span>}
      {lane.state === 'writing' && <span className="lane-text__caret" aria-hidden="true" />}
    </div>
  );
}

/** The index where it lies in this chunk, so that the other chunks need not be drawn again. */
function within(index: number | null, from: number): number | null {
  return index !== null && index >= from && index < from + CHUNK ? index : null;
}
