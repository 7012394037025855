/** Ctrl+O opens the stored runs, Ctrl+Shift+O the comparison, on a Mac with ⌘; Ctrl+M the models everywhere. */
import { useEffect } from 'react';
import { useStudio } from '../studio-context';

export function useLibraryShortcuts(): void {
  const { library } = useStudio();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return;
      // ⌘M puts a Mac's window away.
      if (event.ctrlKey && !event.shiftKey && event.key.toLowerCase() === 'm') {
        event.preventDefault();
        library.show('models');
      }
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'o') return;
      // The browser would ask for a file to replace this page with.
      event.preventDefault();
      library.show(event.shiftKey ? 'compare' : 'runs');
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [library]);
}
