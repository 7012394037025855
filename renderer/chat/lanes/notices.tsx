/** What the user should know about a run that does not stop it. */

import { useAppState, useStudio } from '../../state/studio-context';
import { useShownRun } from '../../state/use-shown-run';
import { sentence } from '../../ui/text/format';

export function Notices() {
  const { store } = useStudio();
  const notices = useShownRun((run) => run.notices);
  const broken = useAppState((state) => state.brokenMessage);
  if (notices.length === 0 && broken === null) return null;
  return (
    <output className="notices">
      {notices.map((notice) => (
        <span key={`${notice.code} ${notice.lane} ${notice.message}`} className="notice" data-testid="notice">
          <span className="notice__sign" aria-hidden="true">
            i
          </span>
          <span>
            {notice.lane !== null && <strong>{notice.lane}: </strong>}
            {sentence(notice.message)}
          </span>
        </span>
      ))}
      {broken !== null && (
        <span className="notice" data-testid="notice">
          <span className="notice__sign" aria-hidden="true">
            i
          </span>
          <span>The engine sent a message that this window does not know ({broken}). It was left out.</span>
          <button
            type="button"
            className="button button--quiet"
            onClick={() => store.setState({ brokenMessage: null })}
          >
            Dismiss
          </button>
        </span>
      )}
    </output>
  );
}
