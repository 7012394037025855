/** Says that a stored run is on screen, with the way back and a way on. */

import { oneLine } from '../../engine/protocol';
import { dateWords, OUTCOMES } from '../run/run-words';
import { openModelOf } from '../state/model-state';
import { useAppState, useStudio } from '../state/studio-context';
import { useShownRun } from '../state/use-shown-run';

export function StoredBanner() {
  const { runs } = useStudio();
  const shown = useAppState((state) => state.shown);
  const own = useShownRun((run) => run.model?.id);
  const hasModel = useAppState(({ model }) => openModelOf(model)?.id === own);
  if (shown.kind !== 'stored') return null;

  const { summary, before } = shown;
  return (
    <section className="stored-banner" data-testid="stored-banner" aria-label="Stored run">
      <p>
        <strong>Stored run</strong> of <time dateTime={summary.at}>{dateWords(summary.at)}</time> with{' '}
        <span className="mono">{oneLine(summary.model, 60)}</span>, {OUTCOMES[summary.outcome].word}.{' '}
        <span className="muted">
          {hasModel
            ? 'Read from disk; its model is open'
            : 'Read from disk, without the model; the open model is another one'}
          .
        </span>
      </p>
      <button type="button" className="button button--quiet" onClick={() => runs.adoptSettings()}>
        Use its settings
      </button>
      <button type="button" className="button button--quiet" onClick={() => runs.leave()}>
        {before.runId === null ? 'Close it' : 'Back to the last run'}
      </button>
    </section>
  );
}
