/** The window's outline: the panes side by side as wide as the user left them or, in a narrow window, one at a time. */

import { type CSSProperties, type ReactNode, useEffect } from 'react';
import { shownRun } from '../../state/shown-run';
import { useAppState, useStudio } from '../../state/studio-context';
import { usePaneWidths } from './use-pane-widths';
import './layout.css';
import './panes.css';

export function Frame({ children }: { children: ReactNode }) {
  const { left, right, isNarrow } = usePaneWidths();
  const pane = useAppState((state) => state.shownPane);
  useFollowedPane();
  return (
    <div
      className="app"
      data-pane={isNarrow ? pane : undefined}
      style={{ '--left': `${left}px`, '--right': `${right}px` } as CSSProperties}
    >
      {children}
    </div>
  );
}

/** What is asked for comes into sight: a run's answers, a tab's charts. */
function useFollowedPane(): void {
  const { store } = useStudio();
  useEffect(
    () =>
      store.subscribe((state, before) => {
        const isAsked = shownRun(state).phase === 'requested' && shownRun(before).phase !== 'requested';
        const isShown =
          state.chartsTab !== before.chartsTab || (state.pinned !== null && state.pinned !== before.pinned);
        if (isAsked) store.setState({ shownPane: 'answers' });
        else if (isShown) store.setState({ shownPane: 'charts' });
      }),
    [store],
  );
}
