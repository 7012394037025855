/** Keys that work anywhere in the window: run, cancel, and those of the step. */
import { flushSync } from 'react-dom';
import { useKeys } from '../keys/use-keys';
import { isRunning } from '../run/run-view';
import { checkDraft } from '../state/draft';
import { inputId, runObstacle } from '../state/run-reasons';
import { shownRun } from '../state/shown-run';
import { useStudio } from '../state/studio-context';
import { useStepKeys } from './use-step-keys';

export function useShortcuts(): void {
  const { store, control, edits, prompts } = useStudio();

  const run = () => {
    const state = store.getState();
    const obstacle = runObstacle(checkDraft(state), state.engine);
    if (!obstacle) void control.run();
    else if (obstacle.field) {
      // What is out of sight takes no focus.
      flushSync(() => store.setState({ shownPane: 'prompt' }));
      document.getElementById(inputId(obstacle.field))?.focus();
    }
  };
  const cancel = () => {
    const state = store.getState();
    if (isRunning(shownRun(state)) || state.model.state === 'opening') void control.cancel();
  };
  useStepKeys();
  const step = (by: -1 | 1) => () => {
    const { promptSet } = store.getState();
    const at = (promptSet?.at ?? 0) + by;
    if (promptSet?.prompts[at]) void prompts.goTo(at);
  };
  const speed = () => store.setState(({ showsSpeed }) => ({ showsSpeed: !showsSpeed }));
  useKeys({
    run,
    cancel,
    undo: edits.undo,
    redo: edits.redo,
    nextPrompt: step(1),
    previousPrompt: step(-1),
    speed,
  });
}
