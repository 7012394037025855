/** The right half of the manager: the card of the chosen model, or why there is none. */
import { isUnread } from '../state/models-view';
import { useAppState, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { ModelCardView } from './model-card';

export function CardPane() {
  const { models } = useStudio();
  const shown = useAppState((state) => state.models.shown);
  const isReading = shown?.isReading ?? false;
  return (
    <section className="card-pane" aria-label="Model card" aria-busy={isReading} data-testid="card">
      <p className="visually-hidden" role="status">
        {isReading ? 'Reading the card…' : shown?.card && `Card of ${shown.card.name}, ${shown.card.dtype}`}
      </p>
      {isReading && (
        <>
          <progress className="card-pane__progress" aria-label="Reading the card" />
          <button
            type="button"
            className="button card-pane__cancel"
            data-testid="cancel-card"
            onClick={() => models.stopReading()}
          >
            Cancel
          </button>
        </>
      )}
      {shown?.card && <ModelCardView card={shown.card} />}
      {!shown?.card && isReading && (
        <p className="sheet__empty muted">Reading {shown?.subject.model ?? 'the starter model'}…</p>
      )}
      {shown && isUnread(shown) && (
        <div className="sheet__empty">
          <p className="muted">The card of {shown.subject.model ?? 'the starter model'} was not read.</p>
          <button type="button" className="button" onClick={() => void models.inspect(shown.subject)}>
            Read it
          </button>
        </div>
      )}
      {shown?.failure && (
        <div className="card-pane__failure">
          <h3>{shown.subject.model ?? 'Starter model'}</h3>
          <Problem
            message={shown.failure.message}
            hint={shown.failure.hint}
            code={shown.failure.code}
            testId="card-error"
          >
            <button type="button" className="button" onClick={() => void models.inspect(shown.subject)}>
              Try again
            </button>
          </Problem>
        </div>
      )}
    </section>
  );
}
