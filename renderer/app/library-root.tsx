/** Everything that lies over the window: the stored runs, their comparison, the models, toasts, dropped files. */
import { CompareDialog } from '../compare/compare-dialog';
import { ModelsDialog } from '../models/models-dialog';
import { DropZone } from '../runs/drop-zone';
import { RunsPanel } from '../runs/runs-panel';
import { useLibraryShortcuts } from '../runs/use-library-shortcuts';
import { useAppState } from '../state/studio-context';
import { Toaster } from '../toasts/toaster';
import '../runs/runs.css';

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
