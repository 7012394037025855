/** A star that puts a token on the watch list of its model, or takes it off. */

import { visibleToken } from '../../engine/protocol';
import { isWatched, toggleWatched } from '../run/vocabulary/watch';
import { openModelOf } from '../state/model-state';
import { shownRun } from '../state/shown-run';
import { useAppState, useStudio } from '../state/studio-context';

export function WatchButton({ id, token }: { id: number; token: string }) {
  const { store } = useStudio();
  const model = useAppState((state) => shownRun(state).model?.id ?? openModelOf(state.model)?.id ?? null);
  const watched = useAppState((state) => model !== null && isWatched(state.watched, model, id));
  if (model === null) return null;
  return (
    <button
      type="button"
      className="watch-button"
      data-testid="watch"
      aria-pressed={watched}
      aria-label={`Watch ${visibleToken(token)}`}
      title={watched ? 'Watched: click to stop' : 'Watch this token'}
      onClick={(event) => {
        event.stopPropagation();
        store.setState((state) => ({ watched: toggleWatched(state.watched, { model, id, token }) }));
      }}
    >
      <span aria-hidden="true">{watched ? '★' : '☆'}</span>
    </button>
  );
}
