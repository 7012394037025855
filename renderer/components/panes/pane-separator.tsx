/** The line between two panes: dragged, or moved by arrow keys, to make a side pane wider; remembered. */
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import type { PaneWidths } from '../../state/vocabulary-state';
import { useAppState, useStudio } from '../studio-context';
import './panes.css';

const LIMITS = { left: { least: 220, most: 560 }, right: { least: 320, most: 1400 } } as const;
const NARROWEST_MIDDLE = 300;
const KEY_STEP = 24;

export function PaneSeparator({ side }: { side: keyof PaneWidths }) {
  const { store } = useStudio();
  const width = useAppState((state) => state.paneWidths[side]);
  const line = useRef<HTMLDivElement>(null);
  const { least, most } = LIMITS[side];

  const pane = () => {
    const sibling = side === 'left' ? line.current?.previousElementSibling : line.current?.nextElementSibling;
    return sibling ? sibling.getBoundingClientRect().width : least;
  };
  const room = () => {
    const middle = side === 'left' ? line.current?.nextElementSibling : line.current?.previousElementSibling;
    return pane() + (middle?.getBoundingClientRect().width ?? 0) - NARROWEST_MIDDLE;
  };
  const set = (wanted: number | null) => {
    const next = wanted === null ? null : Math.round(Math.max(least, Math.min(most, room(), wanted)));
    store.setState(({ paneWidths }) => ({ paneWidths: { ...paneWidths, [side]: next } }));
  };
  /** Towards the middle of the window is wider. */
  const outward = side === 'left' ? 1 : -1;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Home') set(least);
    else if (event.key === 'End') set(most);
    else if (event.key === 'Enter') set(null);
    else if (event.key === 'ArrowRight') set(pane() + outward * KEY_STEP);
    else if (event.key === 'ArrowLeft') set(pane() - outward * KEY_STEP);
    else return;
    event.preventDefault();
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    const target = event.currentTarget;
    const start = { x: event.clientX, width: pane() };
    target.setPointerCapture(event.pointerId);
    target.onpointermove = (moved) => set(start.width + outward * (moved.clientX - start.x));
    target.onlostpointercapture = () => {
      target.onpointermove = null;
    };
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved; this one can
    <div
      ref={line}
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of the ${side} pane`}
      aria-valuenow={Math.round(width ?? 0)}
      aria-valuetext={width === null ? 'automatic' : `${width} pixels`}
      aria-valuemin={0}
      aria-valuemax={most}
      tabIndex={0}
      className="pane-separator"
      data-testid={`separator-${side}`}
      title="Drag or use the arrow keys; double-click for the usual width"
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onDoubleClick={() => set(null)}
    />
  );
}
