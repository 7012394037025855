/** The sheet with every run on disk: find, open, tag, compare, export, delete, import. */

import { Dialog } from 'radix-ui';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { oneLine } from '../../engine/protocol';
import { chooseComparison } from '../compare/choose-comparison';
import { useAppState, useStudio } from '../state/studio-context';
import { Toaster } from '../toasts/toaster';
import { leaveOwnEscape } from '../ui/parts/own-escape';
import { Problem } from '../ui/parts/problem';
import { count } from '../ui/text/format';
import { filterRuns, tagsOf } from './filter-runs';
import { ImportButton, ImportProblem } from './import-button';
import { RunsList } from './runs-list';

const TAGS_SHOWN = 12;

export function RunsPanel() {
  const { store, library } = useStudio();
  const runs = useAppState((state) => state.storedRuns);
  const failure = useAppState((state) => state.storedRunsFailure);
  const [search, setSearch] = useState('');
  const [tags, setTags] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const deferred = useDeferredValue(search);
  const known = useMemo(() => tagsOf(runs ?? []), [runs]);
  const active = useMemo(() => tags.filter((tag) => known.includes(tag)), [tags, known]);
  const found = useMemo(() => filterRuns(runs ?? [], deferred, active), [runs, deferred, active]);
  const picked = chosen.filter((id) => runs?.some(({ runId }) => runId === id));

  // Two at most: a third takes the place of the one that was chosen first.
  const choose = useCallback((runId: string, isChosen: boolean) => {
    setChosen((before) => {
      const others = before.filter((id) => id !== runId);
      return isChosen ? [...others, runId].slice(-2) : others;
    });
  }, []);
  const compare = () => {
    store.setState({ comparison: chooseComparison(runs ?? [], picked) });
    library.show('compare');
  };

  return (
    <Dialog.Root open onOpenChange={(open) => !open && library.show('closed')}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="sheet"
          data-testid="runs-panel"
          aria-describedby={undefined}
          onEscapeKeyDown={leaveOwnEscape}
        >
          <header className="sheet__head">
            <Dialog.Title className="sheet__title">Runs</Dialog.Title>
            <span className="muted" role="status">
              {runs && (found.length === runs.length ? runs.length : `${found.length} of ${runs.length}`)}
            </span>
            <input
              type="search"
              className="sheet__search"
              value={search}
              placeholder="Filter: prompt, note, tag, model, lane"
              aria-label="Filter runs"
              spellCheck={false}
              onChange={(event) => setSearch(event.target.value)}
            />
            <ImportButton />
            <Dialog.Close className="button button--quiet" aria-label="Close">
              ✕
            </Dialog.Close>
          </header>
          <ImportProblem />
          {known.length > 0 && (
            <fieldset className="tags" aria-label="Only runs with these tags">
              {known.slice(0, TAGS_SHOWN).map((tag) => (
                <button
                  key={tag}
                  type="button"
                  className="tag tag--choice"
                  aria-pressed={active.includes(tag)}
                  onClick={() =>
                    setTags(active.includes(tag) ? active.filter((each) => each !== tag) : [...active, tag])
                  }
                >
                  {oneLine(tag)}
                </button>
              ))}
            </fieldset>
          )}
          {failure && (
            <Problem message={failure.message} hint={failure.hint}>
              <button type="button" className="button" onClick={() => void library.refresh()}>
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
          <footer className="sheet__foot">
            <span className="muted">
              {picked.length === 0
                ? 'Tick two runs to compare them, or one to compare its lanes.'
                : `${count(picked.length, 'run')} ticked`}
            </span>
            <button
              type="button"
              className="button button--primary"
              data-testid="compare-chosen"
              disabled={picked.length === 0}
              onClick={compare}
            >
              {picked.length === 1 ? 'Compare its lanes' : 'Compare'}
            </button>
          </footer>
          <Toaster />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
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
