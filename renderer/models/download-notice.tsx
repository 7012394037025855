/** The status line's word on downloads: how far they are, and when one has come, the way to open it. */

import { useKeyWords } from '../keys/use-keys';
import { useAppState, useStudio } from '../state/studio-context';
import { pullName, shareDone, shareWords } from './pull-words';
import { useOpenObstacle } from './use-open-obstacle';
import './download-notice.css';

export function DownloadNotice() {
  const { models, store } = useStudio();
  const keys = useKeyWords();
  const pulls = useAppState((state) => state.models.pulls);
  const obstacle = useOpenObstacle();
  const finished = pulls.find(({ state }) => state === 'done');
  const moving = pulls.filter(({ state }) => state === 'downloading' || state === 'verifying');
  const failed = pulls.some(({ state }) => state === 'failed');

  if (finished) {
    return (
      <div className="download-notice" data-testid="download-notice">
        <output>
          <span aria-hidden="true">✓ </span>
          {pullName(finished)} is here.
        </output>
        <button
          type="button"
          className="button"
          disabled={obstacle !== null}
          title={obstacle ?? 'Open it for runs'}
          onClick={() => void models.openPulled(finished)}
        >
          Open now
        </button>
        <button
          type="button"
          className="button button--quiet"
          aria-label="Dismiss"
          onClick={() => models.dismiss(finished.pullId)}
        >
          ✕
        </button>
      </div>
    );
  }
  if (moving.length === 0 && !failed) return null;
  const share = shareDone({
    bytes: moving.reduce((sum, { bytes }) => sum + bytes, 0),
    done: moving.reduce((sum, { done }) => sum + done, 0),
  });
  const words = moving.length === 0 ? '! Download failed' : `↓ ${share === null ? '…' : shareWords(share)}`;
  return (
    <button
      type="button"
      className="button button--quiet download-notice"
      data-testid="download-notice"
      title={keys.titled('Downloads', 'models')}
      aria-label={moving.length === 0 ? 'A download failed' : `Downloading, ${words.slice(2)} done`}
      onClick={() => store.setState({ dialog: 'models' })}
    >
      {words}
    </button>
  );
}
