/** How the sheets over stored runs are left: to the list of runs, or closed. */
import { Dialog } from 'radix-ui';
import { useStudio } from '../state/studio-context';
import './compare.css';

export function RunsButton() {
  const { store } = useStudio();
  return (
    <button
      type="button"
      className="button button--quiet compare__runs"
      onClick={() => store.setState({ dialog: 'runs' })}
    >
      Runs
    </button>
  );
}

export function CloseButton() {
  return (
    <Dialog.Close className="button button--quiet" aria-label="Close">
      ✕
    </Dialog.Close>
  );
}
