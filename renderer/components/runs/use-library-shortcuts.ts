/** Ctrl+O opens the stored runs, Ctrl+Shift+O the comparison; on a Mac with ⌘. */
import { useEffect } from 'react';
import { useStudio } from '../studio-context';

export function useLibraryShortcuts(): void {
  const { library } = useStudio();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.altKey) return;
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'o') return;
      // The browser would ask for a file to replace this page with.
      event.preventDefault();
      library.show(event.shiftKey ? 'compare' : 'runs');
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [library]);
}
