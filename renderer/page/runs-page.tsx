/** One run, or two to compare, to read: what was asked, every lane's answer, the charts and the step that drives them. */
import { oneLine, type RunSummary } from '../../engine/protocol';
import { ChartsPane } from '../app/panes/charts-pane';
import { Frame } from '../app/panes/frame';
import { PaneSeparator } from '../app/panes/pane-separator';
import { PaneSwitch } from '../app/panes/pane-switch';
import { ThemeToggle } from '../app/top-bar/theme-toggle';
import { useStepKeys } from '../app/use-step-keys';
import { LanesPane } from '../chat/lanes/lanes-pane';
import { CompareDialog } from '../compare/compare-dialog';
import { ExportMenu } from '../export/export-menu';
import { Dock } from '../optimisation/dock/dock';
import { dateWords } from '../run/run-words';
import { useAppState, useStudio } from '../state/studio-context';
import { Toaster } from '../toasts/toaster';
import { TokenCard } from '../token/token-card';
import { Segmented } from '../ui/parts/segmented';
import { RunFacts } from './run-facts';
import '../app/top-bar/top-bar.css';
import './page.css';

export function RunsPage({ summaries }: { summaries: readonly RunSummary[] }) {
  useStepKeys();
  const dialog = useAppState((state) => state.dialog);
  return (
    <Frame>
      <PageBar summaries={summaries} />
      <PaneSwitch />
      <main className="workspace">
        <RunFacts />
        <PaneSeparator side="left" />
        <LanesPane composer={null} />
        <PaneSeparator side="right" />
        <ChartsPane />
      </main>
      <Dock />
      <TokenCard />
      {dialog === 'compare' ? <CompareDialog /> : <Toaster />}
    </Frame>
  );
}

function PageBar({ summaries }: { summaries: readonly RunSummary[] }) {
  const { shown } = useShownSummary(summaries);
  return (
    <header className="top-bar">
      <h1 className="top-bar__name">SLOT Studio</h1>
      <p className="page-bar__what muted" dir="auto" title={shown.prompt}>
        Run of <time dateTime={shown.at}>{dateWords(shown.at)}</time> with{' '}
        <span className="mono">{oneLine(shown.model, 60)}</span>
      </p>
      {summaries.length > 1 && <RunChoice summaries={summaries} />}
      <ExportMenu />
      <ThemeToggle />
    </header>
  );
}

function RunChoice({ summaries }: { summaries: readonly RunSummary[] }) {
  const { store, runs, toasts } = useStudio();
  const { shown } = useShownSummary(summaries);
  const choices = summaries.map(({ runId, prompt }, i) => ({
    value: runId,
    text: i === 0 ? 'Run A' : 'Run B',
    title: oneLine(prompt),
  }));
  return (
    <>
      <Segmented
        label="Run"
        value={shown.runId}
        choices={choices}
        onChange={(runId) => void runs.reopen(runId).catch(toasts.complain)}
      />
      <button type="button" className="button" onClick={() => store.setState({ dialog: 'compare' })}>
        Compare
      </button>
    </>
  );
}

function useShownSummary(summaries: readonly RunSummary[]): { readonly shown: RunSummary } {
  const shown = useAppState((state) => state.shown.runId);
  return { shown: summaries.find(({ runId }) => runId === shown) ?? summaries[0]! };
}
