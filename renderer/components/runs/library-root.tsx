/** Everything that lies over the window: the stored runs, their comparison, the models, toasts, dropped files. */
import { CompareDialog } from '../compare/compare-dialog';
import { ModelsDialog } from '../models/models-dialog';
import { useAppState } from '../studio-context';
import { DropZone } from './drop-zone';
import { RunsPanel } from './runs-panel';
import { Toaster } from './toaster';
import { useLibraryShortcuts } from './use-library-shortcuts';
import './runs.css';

export function LibraryRoot() {
  useLibraryShortcuts();
  const view = useAppState((state) => state.libraryView);
  return (
    <>
      {view === 'runs' && <RunsPanel />}
      {view === 'compare' && <CompareDialog />}
      {view === 'models' && <ModelsDialog />}
      {/* A dialog hides all else from screen readers, so it holds the toasts while it is open. */}
      {view === 'closed' && <Toaster />}
      <DropZone />
    </>
  );
}
