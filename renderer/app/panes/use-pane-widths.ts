/** The panes' widths in the window as it is now. */
import { useSyncExternalStore } from 'react';
import { useAppState } from '../../state/studio-context';
import { type FittingWidths, MIN_SIDE_BY_SIDE, paneWidths } from './pane-widths';

interface Panes extends FittingWidths {
  /** There is room for one pane only. */
  readonly isNarrow: boolean;
}

export function usePaneWidths(): Panes {
  const room = useSyncExternalStore(onResize, roomOfWindow);
  const chosen = useAppState((state) => state.paneWidths);
  return { ...paneWidths(room, chosen), isNarrow: room < MIN_SIDE_BY_SIDE };
}

export function roomOfWindow(): number {
  return document.documentElement.clientWidth;
}

function onResize(changed: () => void): () => void {
  window.addEventListener('resize', changed);
  return () => window.removeEventListener('resize', changed);
}
