/** How far the weights are of the model that opens, and the way to stop that. */
import { preparingShare, preparingWords } from '../../run/preparing';
import { useAppState, useStudio } from '../../state/studio-context';

export function PreparingNote() {
  const { control } = useStudio();
  const preparing = useAppState((state) => state.preparing);
  const isOurs = useAppState((state) => state.model.state === 'opening');
  if (!preparing) return null;
  return (
    <section className="preparing-note" aria-label="Preparing the model" data-testid="preparing">
      <p>{preparingWords(preparing)}</p>
      <progress aria-label="Prepared" value={preparingShare(preparing) ?? undefined} />
      {preparing.phase !== 'fetching' && (
        <p className="muted">
          Its weights are written once, into the app's own folder; All models… lists and deletes them.
        </p>
      )}
      {isOurs && (
        <button
          type="button"
          className="button"
          data-testid="stop-opening"
          onClick={() => void control.stopOpening()}
        >
          Cancel
        </button>
      )}
    </section>
  );
}
