/** The sheet with every run on disk: find, open, tag, compare, export, delete, import. */

import { Dialog } from 'radix-ui';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { MAX_SIMILAR, oneLine, type RunSummary } from '../../engine/protocol';
import { chooseComparison } from '../compare/choose-comparison';
import { useAppState, useStudio } from '../state/studio-context';
import { DialogFrame } from '../toasts/dialog-frame';
import { Problem } from '../ui/parts/problem';
import { count } from '../ui/text/format';
import { filterRuns, tagsOf } from './filter-runs';
import { ImportButton, ImportProblem } from './import-button';
import { RunsList } from './runs-list';

const TAGS_SHOWN = 12;
const NO_RUNS: readonly RunSummary[] = [];

export function RunsPanel() {
  const { store, runs: actions } = useStudio();
  const runs = useAppState((state) => state.storedRuns);
  const failure = useAppState((state) => state.storedRunsFailure);
  const { search, setSearch, known, active, setTags, found } = useRunFilter(runs ?? NO_RUNS);
  const { picked, choose } = usePicked(runs ?? NO_RUNS);
  const compare = () => {
    store.setState({ comparison: chooseComparison(runs ?? NO_RUNS, picked) });
    store.setState({ dialog: 'compare' });
  };

  const holdTogether = () => store.setState({ similarRuns: picked, dialog: 'similarity' });

  return (
    <DialogFrame className="sheet" testId="runs-panel">
      <header className="sheet__head">
        <Dialog.Title className="sheet__title">Runs</Dialog.Title>
        <span className="muted" role="status">
          {runs && (found.length === runs.length ? runs.length : `${found.length} of ${runs.length}`)}
        </span>
        <SearchRuns value={search} onChange={setSearch} />
        <ImportButton />
        <Dialog.Close className="button button--quiet" aria-label="Close">
          ✕
        </Dialog.Close>
      </header>
      <ImportProblem />
      <TagFilter known={known} active={active} onChange={setTags} />
      {failure && (
        <Problem message={failure.message} hint={failure.hint} code={failure.code}>
          <button type="button" className="button" onClick={() => void actions.refresh()}>
            Try again
          </button>
        </Problem>
      )}
      <div className="sheet__body">
        {runs === null && !failure && <p className="sheet__empty muted">Reading the runs…</p>}
        {runs?.length === 0 && <EmptyList />}
        {runs !== null && runs.length > 0 && found.length === 0 && (
          <p className="sheet__empty muted">No run fits the filter.</p>
        )}
        {found.length > 0 && <RunsList runs={found} chosen={picked} onChoose={choose} />}
      </div>
      <CompareFoot picked={picked.length} onCompare={compare} onSimilarity={holdTogether} />
    </DialogFrame>
  );
}

function SearchRuns({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <input
      type="search"
      className="sheet__search"
      value={value}
      placeholder="Filter: prompt, note, tag, model, lane"
      aria-label="Filter runs"
      spellCheck={false}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}

function EmptyList() {
  return (
    <div className="sheet__empty" data-testid="runs-empty">
      <p>
        <strong>No runs yet.</strong>
      </p>
      <p className="muted">
        Every run is kept here as it goes, with its events, its delta and its shifts. Write a prompt and press
        Run, or import a run that someone exported as JSON Lines.
      </p>
    </div>
  );
}

interface TagFilterProps {
  readonly known: readonly string[];
  readonly active: readonly string[];
  readonly onChange: (active: readonly string[]) => void;
}

function TagFilter({ known, active, onChange }: TagFilterProps) {
  if (known.length === 0) return null;
  const toggle = (tag: string) =>
    onChange(active.includes(tag) ? active.filter((each) => each !== tag) : [...active, tag]);
  return (
    <fieldset className="tags" aria-label="Only runs with these tags">
      {known.slice(0, TAGS_SHOWN).map((tag) => (
        <button
          key={tag}
          type="button"
          className="tag tag--choice"
          aria-pressed={active.includes(tag)}
          onClick={() => toggle(tag)}
        >
          {oneLine(tag)}
        </button>
      ))}
    </fieldset>
  );
}

interface CompareFootProps {
  /** How many runs are ticked. */
  readonly picked: number;
  readonly onCompare: () => void;
  readonly onSimilarity: () => void;
}

function CompareFoot({ picked, onCompare, onSimilarity }: CompareFootProps) {
  return (
    <footer className="sheet__foot">
      <span className="muted">
        {picked === 0
          ? 'Tick two runs to compare them, or one to compare its lanes; any number to see how alike their deltas are.'
          : `${count(picked, 'run')} ticked`}
      </span>
      <button
        type="button"
        className="button"
        data-testid="similarity-chosen"
        disabled={picked === 0}
        title="The cosine of every two of their deltas: do their prompts share a direction?"
        onClick={onSimilarity}
      >
        Similarity of deltas
      </button>
      <button
        type="button"
        className="button button--primary"
        data-testid="compare-chosen"
        disabled={picked === 0 || picked > 2}
        title={picked > 2 ? 'Two runs at most are compared; leave the others unticked.' : undefined}
        onClick={onCompare}
      >
        {picked === 1 ? 'Compare its lanes' : 'Compare'}
      </button>
    </footer>
  );
}

/** What is typed and which tags are pressed, with the runs that fit. */
function useRunFilter(runs: readonly RunSummary[]) {
  const [search, setSearch] = useState('');
  const [tags, setTags] = useState<readonly string[]>([]);
  const deferred = useDeferredValue(search);
  const known = useMemo(() => tagsOf(runs), [runs]);
  const active = useMemo(() => tags.filter((tag) => known.includes(tag)), [tags, known]);
  const found = useMemo(() => filterRuns(runs, deferred, active), [runs, deferred, active]);
  return { search, setSearch, known, active, setTags, found };
}

/** The ticked runs, in the order of ticking: beyond the most, the one that was ticked first gives way. */
function usePicked(runs: readonly RunSummary[]) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const picked = chosen.filter((id) => runs.some(({ runId }) => runId === id));
  const choose = useCallback((runId: string, isChosen: boolean) => {
    setChosen((before) => {
      const others = before.filter((id) => id !== runId);
      return isChosen ? [...others, runId].slice(-MAX_SIMILAR) : others;
    });
  }, []);
  return { picked, choose };
}
