/** The next turn, typed under the columns and sent to every lane. */

import type { KeyboardEvent } from 'react';
import { isRunning } from '../run/run-view';
import { useAppState, useStudio } from '../state/studio-context';
import { useDraftCheck } from '../state/use-draft-check';
import { useShownChat } from '../state/use-shown-chat';
import { useShownRun } from '../state/use-shown-run';

export function Composer() {
  const { conversation, isStored } = useShownChat();
  if (isStored) return <StoredConversation />;
  if (conversation.kind === 'raw') {
    return (
      <p className="composer composer--stored muted">
        Raw text has no turns. Run a chat prompt to go on in a conversation.
      </p>
    );
  }
  return <NextTurn />;
}

function StoredConversation() {
  const { chat } = useStudio();
  const running = useShownRun(isRunning);
  return (
    <div className="composer composer--stored">
      <span className="muted">A stored run, as it was.</span>
      <button
        type="button"
        className="button"
        disabled={running}
        title="Makes its lanes and turns the present conversation"
        onClick={() => chat.takeUp()}
      >
        Continue this conversation
      </button>
    </div>
  );
}

function NextTurn() {
  const { store, chat } = useStudio();
  const { lanes } = useShownChat();
  const text = useAppState((state) => state.followUp);
  const obstacle = useObstacle();
  const send = () => {
    if (obstacle === null && text.trim() !== '') void chat.send();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        data-testid="follow-up"
        dir="auto"
        aria-label="Next turn, for every lane"
        placeholder={`Next turn, for ${lanes.length === 1 ? 'the lane' : `all ${lanes.length} lanes`}`}
        rows={1}
        value={text}
        onChange={({ target }) => store.setState({ followUp: target.value })}
        onKeyDown={onKey}
      />
      <button
        type="submit"
        className="button"
        data-testid="send"
        disabled={obstacle !== null || text.trim() === ''}
        title={obstacle ?? 'Send to every lane (Enter; Shift+Enter for a new line)'}
      >
        Send
      </button>
    </form>
  );
}

/** Why nothing can be sent now; null where it can. */
function useObstacle(): string | null {
  const running = useShownRun(isRunning);
  const connected = useAppState((state) => state.engine.state === 'ready' || state.engine.state === 'exited');
  const { settings } = useDraftCheck();
  if (running) return 'The lanes are still answering.';
  if (!connected) return 'No connection to the engine.';
  return settings === null ? 'Correct the settings first.' : null;
}
