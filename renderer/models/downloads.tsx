/** Downloads under way, paused, failed and just finished; they stand below either list. */
import { useAppState } from '../state/studio-context';
import { PullRow } from './pull-row';
import { pullName } from './pull-words';
import './downloads.css';

export function Downloads() {
  const pulls = useAppState((state) => state.models.pulls);
  const finished = pulls.filter(({ state }) => state === 'done');
  return (
    <>
      <p className="visually-hidden" role="status">
        {finished.length > 0 && `Downloaded: ${finished.map(pullName).join(', ')}`}
      </p>
      {pulls.length > 0 && (
        <section className="downloads" aria-labelledby="downloads-title" data-testid="downloads">
          <h3 id="downloads-title">Downloads</h3>
          <ul>
            {pulls.map((pull) => (
              <PullRow key={pull.pullId} pull={pull} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
