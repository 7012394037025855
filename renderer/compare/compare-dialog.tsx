/** Two runs, or two lanes, beside each other: settings, curves, shifts token by token, answers, figures. */
import { Dialog } from 'radix-ui';
import { useEffect, useMemo } from 'react';
import type { RunSummary } from '../../engine/protocol';
import { ExportSubject } from '../export/chart-registry';
import { exportPage } from '../export/export-run';
import type { CompareSide, Comparison } from '../state/runs-state';
import { useAppState, useIsPage, useStudio } from '../state/studio-context';
import { DialogFrame } from '../toasts/dialog-frame';
import { Problem } from '../ui/parts/problem';
import { Answers } from './answers';
import { chooseComparison, comparable } from './choose-comparison';
import { CompareCharts } from './compare-charts';
import { FiguresPanel } from './figures-panel';
import { SettingsPanel } from './settings-panel';
import { CloseButton, RunsButton } from './sheet-buttons';
import type { Side } from './side';
import { SidePicker } from './side-picker';
import { type LoadedSide, useSides } from './use-sides';
import './compare.css';

export function CompareDialog() {
  const stored = useAppState((state) => state.storedRuns);
  const runs = useMemo(() => stored && comparable(stored), [stored]);
  const comparison = useAppState((state) => state.comparison);
  const { a, b } = useSides(comparison);

  useLivingChoice(runs, comparison);

  return (
    <DialogFrame className="compare" testId="compare-view">
      <CompareHead runs={runs} comparison={comparison} />
      <SideProblem letter="A" loaded={a} />
      <SideProblem letter="B" loaded={b} />
      {runs?.length === 0 ? (
        <p className="sheet__empty muted">There are no runs to compare yet. Run a prompt first.</p>
      ) : a.side && b.side ? (
        <CompareBody a={a.side} b={b.side} />
      ) : (
        !a.failure && !b.failure && <p className="sheet__empty muted">Reading the runs…</p>
      )}
    </DialogFrame>
  );
}

interface HeadProps {
  readonly runs: readonly RunSummary[] | null;
  readonly comparison: Comparison | null;
}

function CompareHead({ runs, comparison }: HeadProps) {
  const { store } = useStudio();
  const isPage = useIsPage();
  const choose = (side: 'a' | 'b', next: CompareSide) => {
    if (comparison) store.setState({ comparison: { ...comparison, [side]: next } });
  };
  return (
    <header className="compare__head">
      <Dialog.Title className="sheet__title">Compare</Dialog.Title>
      {comparison && runs && (
        <>
          <SidePicker letter="A" runs={runs} choice={comparison.a} onChange={(next) => choose('a', next)} />
          <button
            type="button"
            className="button button--quiet"
            aria-label="Swap A and B"
            title="Swap A and B"
            onClick={() => store.setState({ comparison: { a: comparison.b, b: comparison.a } })}
          >
            ⇄
          </button>
          <SidePicker letter="B" runs={runs} choice={comparison.b} onChange={(next) => choose('b', next)} />
        </>
      )}
      {comparison && <ExportPage comparison={comparison} />}
      {!isPage && <RunsButton />}
      <CloseButton />
    </header>
  );
}

function ExportPage({ comparison: { a, b } }: { comparison: Comparison }) {
  const studio = useStudio();
  const isPage = useIsPage();
  const runIds = [...new Set([a.runId, b.runId])];
  const run = useAppState(({ storedRuns }) => storedRuns?.find(({ runId }) => runId === a.runId));
  if (isPage || !run) return null;
  return (
    <button
      type="button"
      className="button button--quiet"
      title="One HTML file with both runs that opens from disk in any browser"
      onClick={() => void exportPage(studio, runIds, run, true)}
    >
      Export as page
    </button>
  );
}

/** A choice whose run was deleted meanwhile gives way to another one. */
function useLivingChoice(runs: readonly RunSummary[] | null, comparison: Comparison | null): void {
  const { store } = useStudio();
  useEffect(() => {
    if (runs === null) return;
    const known = (runId: string | undefined) => runs.some((run) => run.runId === runId);
    if (known(comparison?.a.runId) && known(comparison?.b.runId)) return;
    const next = chooseComparison(runs, []);
    if (next || comparison) store.setState({ comparison: next });
  }, [store, runs, comparison]);
}

function CompareBody({ a, b }: { a: Side; b: Side }) {
  const subject = useMemo(
    () => ({ model: `compare-${a.summary.model}`, at: a.summary.at }),
    [a.summary.model, a.summary.at],
  );
  return (
    <ExportSubject value={subject}>
      <div className="compare__body">
        <div className="compare__facts">
          <SettingsPanel a={a} b={b} />
          <FiguresPanel a={a} b={b} />
        </div>
        <CompareCharts a={a} b={b} />
        <Answers a={a} b={b} />
      </div>
    </ExportSubject>
  );
}

function SideProblem({ letter, loaded }: { letter: string; loaded: LoadedSide }) {
  if (!loaded.failure) return null;
  return (
    <Problem
      message={`${letter}: ${loaded.failure.message}`}
      hint={loaded.failure.hint}
      code={loaded.failure.code}
    >
      <button type="button" className="button" onClick={loaded.retry}>
        Try again
      </button>
    </Problem>
  );
}
