/** The models on this machine, and the way to add a folder to them. */
import { useAppState, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { AddFolder } from './add-folder';
import { EntryRow } from './entry-row';
import { moveBetweenNames } from './move-between-names';

export function HereTab() {
  const { models } = useStudio();
  const entries = useAppState((state) => state.models.entries);
  const failure = useAppState((state) => state.models.listFailure);
  return (
    <>
      <AddFolder />
      {failure && (
        <Problem message={failure.message} hint={failure.hint}>
          <button type="button" className="button" onClick={() => void models.refresh()}>
            Try again
          </button>
        </Problem>
      )}
      {entries === null && !failure && <p className="sheet__empty muted">Looking for models…</p>}
      {entries && (
        <ul className="models__list" aria-label="Models on this machine" onKeyDown={moveBetweenNames}>
          {entries.map((entry) => (
            <EntryRow key={`${entry.source} ${entry.folder}`} entry={entry} />
          ))}
        </ul>
      )}
      {entries?.every(({ source }) => source === 'starter') && <OnlyTheStarter />}
    </>
  );
}

function OnlyTheStarter() {
  const { models } = useStudio();
  return (
    <div className="models__empty" data-testid="only-starter">
      <p>
        <strong>Only the starter model is here.</strong> It shows the mechanism in a second. To see what SLOT
        does to a real model, download one, or add the folder of one that you have. What other tools put into
        the Hugging Face cache appears here by itself.
      </p>
      <button type="button" className="button" onClick={() => models.showTab('hub')}>
        Find a model on the hub
      </button>
    </div>
  );
}
