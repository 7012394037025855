/** Keys for what lies over the window: the stored runs, the comparison, the models. */
import { useStudio } from '../studio-context';
import { useKeys } from '../use-keys';

export function useLibraryShortcuts(): void {
  const { library } = useStudio();
  useKeys({
    runs: () => library.show('runs'),
    compare: () => library.show('compare'),
    models: () => library.show('models'),
  });
}
