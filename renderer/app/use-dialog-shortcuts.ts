/** Keys for what lies over the window: the stored runs, the comparison, the models. */
import { useKeys } from '../keys/use-keys';
import { useStudio } from '../state/studio-context';

export function useDialogShortcuts(): void {
  const { store } = useStudio();
  useKeys({
    runs: () => store.setState({ dialog: 'runs' }),
    compare: () => store.setState({ dialog: 'compare' }),
    models: () => store.setState({ dialog: 'models' }),
  });
}
