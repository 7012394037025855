/** The top bar's ways to the stored runs, the comparison and the exports. */
import { ExportMenu } from '../export/export-menu';
import { useKeyWords } from '../keys/use-keys';
import { useStudio } from '../state/studio-context';

export function RunsControls() {
  const { store } = useStudio();
  const keys = useKeyWords();
  return (
    <nav className="runs-controls" aria-label="Stored runs">
      <button
        type="button"
        className="button button--quiet"
        data-testid="runs"
        title={keys.titled('Every run, kept on disk', 'runs')}
        aria-keyshortcuts={keys.aria('runs')}
        onClick={() => store.setState({ dialog: 'runs' })}
      >
        Runs
      </button>
      <button
        type="button"
        className="button button--quiet"
        data-testid="compare"
        title={keys.titled('Two runs or lanes side by side', 'compare')}
        aria-keyshortcuts={keys.aria('compare')}
        onClick={() => store.setState({ dialog: 'compare' })}
      >
        Compare
      </button>
      <ExportMenu />
    </nav>
  );
}
