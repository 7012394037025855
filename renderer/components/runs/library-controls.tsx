/** The top bar's ways to the stored runs, the comparison and the exports. */
import { ExportMenu } from '../../export/export-menu';
import { useStudio } from '../studio-context';

export function LibraryControls() {
  const { library, shell } = useStudio();
  const modifier = shell.isMac ? '⌘' : 'Ctrl+';
  const key = shell.isMac ? 'Meta' : 'Control';
  return (
    <nav className="library-controls" aria-label="Stored runs">
      <button
        type="button"
        className="button button--quiet"
        data-testid="runs"
        title={`Every run, kept on disk (${modifier}O)`}
        aria-keyshortcuts={`${key}+O`}
        onClick={() => library.show('runs')}
      >
        Runs
      </button>
      <button
        type="button"
        className="button button--quiet"
        data-testid="compare"
        title={`Two runs or lanes side by side (${modifier}Shift+O)`}
        aria-keyshortcuts={`${key}+Shift+O`}
        onClick={() => library.show('compare')}
      >
        Compare
      </button>
      <ExportMenu />
    </nav>
  );
}
