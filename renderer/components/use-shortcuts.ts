/** Keys that work anywhere in the window: run, cancel, one step back or forth. */
import { useEffect } from 'react';
import { flushSync } from 'react-dom';
import { isRunning, stepsShown } from '../run/run-view';
import { checkDraft } from '../state/draft';
import { inputId, runObstacle } from './run-reasons';
import { useStudio } from './studio-context';

export function useShortcuts(): void {
  const { store, session } = useStudio();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const state = store.getState();
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        const obstacle = runObstacle(checkDraft(state), state.engine);
        if (!obstacle) void session.run();
        else if (obstacle.field) {
          // What is out of sight takes no focus.
          flushSync(() => store.setState({ shownPane: 'prompt' }));
          document.getElementById(inputId(obstacle.field))?.focus();
        }
      } else if (event.key === 'Escape' && isRunning(state.run)) {
        void session.cancel();
      } else if ((event.key === '[' || event.key === ']') && !isTyping(event.target)) {
        const last = stepsShown(state.run);
        const step = (state.selectedStep ?? last) + (event.key === ']' ? 1 : -1);
        store.setState({ selectedStep: step >= last ? null : Math.max(0, step) });
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [store, session]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}
