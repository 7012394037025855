/** Keys for what lies over the window: the stored runs, the comparison, the models. */

import { useKeys } from '../keys/use-keys';
import { useStudio } from '../state/studio-context';

export function useLibraryShortcuts(): void {
  const { library } = useStudio();
  useKeys({
    runs: () => library.show('runs'),
    compare: () => library.show('compare'),
    models: () => library.show('models'),
  });
}
