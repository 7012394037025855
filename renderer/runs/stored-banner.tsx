/** Says that a stored run is on screen, with the way back and a way on. */

import { oneLine } from '../../engine/protocol';
import { dateWords, OUTCOMES } from '../run/run-words';
import { openModelOf } from '../state/model-state';
import { isShownAgain } from '../state/runs/reopening';
import { useAppState, useStudio } from '../state/studio-context';

export function StoredBanner() {
  const { runs } = useStudio();
  const reopened = useAppState((state) => state.reopened);
  const run = useAppState((state) => state.run);
  const hasModel = useAppState(({ model, run: { model: own } }) => openModelOf(model)?.id === own?.id);
  if (!reopened || !isShownAgain(reopened.summary, run)) return null;

  const { summary, before } = reopened;
  return (
    <section className="stored-banner" data-testid="stored-banner" aria-label="Stored run">
      <p>
        <strong>Stored run</strong> of <time dateTime={summary.at}>{dateWords(summary.at)}</time> with{' '}
        <span className="mono">{oneLine(summary.model, 60)}</span>, {OUTCOMES[summary.outcome].word}.{' '}
        <span className="muted">
          Read from disk, without the model
          {hasModel ? '' : '; the open model is another one'}.
        </span>
      </p>
      <button type="button" className="button button--quiet" onClick={() => runs.adoptSettings()}>
        Use its settings
      </button>
      <button type="button" className="button button--quiet" onClick={() => runs.leave()}>
        {before.run.phase === 'idle' ? 'Close it' : 'Back to the last run'}
      </button>
    </section>
  );
}
