/** Everything that lies over the window: the stored runs, their comparison, the models, toasts, dropped files. */
import { CompareDialog } from '../compare/compare-dialog';
import { SimilarityDialog } from '../compare/similarity-dialog';
import { DiagnosticsPanel } from '../diagnostics/diagnostics-panel';
import { ModelsDialog } from '../models/models-dialog';
import { NoticesPanel } from '../notices/notices-panel';
import { PromptSetDialog } from '../prompt/prompt-set-dialog';
import { DropZone } from '../runs/drop-zone';
import { RunsPanel } from '../runs/runs-panel';
import { useAppState } from '../state/studio-context';
import { Toaster } from '../toasts/toaster';
import { useDialogShortcuts } from './use-dialog-shortcuts';
import '../runs/runs.css';

export function Dialogs() {
  useDialogShortcuts();
  const dialog = useAppState((state) => state.dialog);
  return (
    <>
      {dialog === 'runs' && <RunsPanel />}
      {dialog === 'compare' && <CompareDialog />}
      {dialog === 'similarity' && <SimilarityDialog />}
      {dialog === 'models' && <ModelsDialog />}
      {dialog === 'prompts' && <PromptSetDialog />}
      {dialog === 'diagnostics' && <DiagnosticsPanel />}
      {dialog === 'notices' && <NoticesPanel />}
      {/* A dialog hides all else from screen readers, so it holds the toasts while it is open. */}
      {dialog === null && <Toaster />}
      <DropZone />
    </>
  );
}
