/** The line between two panes: dragged, or moved by arrow keys, to make a side pane wider; remembered. */
import type { KeyboardEvent, PointerEvent } from 'react';
import { useStudio } from '../../state/studio-context';
import type { PaneWidths } from '../../state/vocabulary-state';
import { LIMITS, paneWidths } from './pane-widths';
import { roomOfWindow, usePaneWidths } from './use-pane-widths';

const KEY_STEP = 24;

export function PaneSeparator({ side }: { side: keyof PaneWidths }) {
  const { store } = useStudio();
  const { isNarrow, ...widths } = usePaneWidths();
  const width = widths[side];
  const { least, most } = LIMITS[side];
  if (isNarrow) return null;

  const set = (wanted: number | null) =>
    store.setState(({ paneWidths: before }) => {
      const next = { ...before, [side]: wanted };
      return {
        paneWidths: { ...next, [side]: wanted === null ? null : paneWidths(roomOfWindow(), next)[side] },
      };
    });
  /** Towards the middle of the window is wider. */
  const outward = side === 'left' ? 1 : -1;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Home') set(least);
    else if (event.key === 'End') set(most);
    else if (event.key === 'Enter') set(null);
    else if (event.key === 'ArrowRight') set(width + outward * KEY_STEP);
    else if (event.key === 'ArrowLeft') set(width - outward * KEY_STEP);
    else return;
    event.preventDefault();
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    const target = event.currentTarget;
    const start = { x: event.clientX, width };
    target.setPointerCapture(event.pointerId);
    target.onpointermove = (moved) => set(start.width + outward * (moved.clientX - start.x));
    target.onlostpointercapture = () => {
      target.onpointermove = null;
    };
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved; this one can
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of the ${side} pane`}
      aria-valuenow={width}
      aria-valuetext={`${width} pixels`}
      aria-valuemin={least}
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
