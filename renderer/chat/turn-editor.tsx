/** A user turn being changed; what is typed is kept like every draft. */

import { type KeyboardEvent, useEffect, useRef } from 'react';
import { isPressed } from '../keys/keymap';
import { isRunning } from '../run/run-view';
import { useAppState, useStudio } from '../state/studio-context';
import { useDraftCheck } from '../state/use-draft-check';
import { useShownRun } from '../state/use-shown-run';
import { count } from '../ui/text/format';

export function TurnEditor({ index, isLast }: { index: number; isLast: boolean }) {
  const { store, chat, shell } = useStudio();
  const edit = useAppState((state) => state.turnEdit);
  const running = useShownRun(isRunning);
  const later = useAppState((state) => state.conversation.turns.length - index - 1);
  const settled = useDraftCheck().settings !== null;
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  if (!edit) return null;

  const able = !running && settled && edit.text.trim() !== '';
  const send = () => {
    if (able) void chat.resend(index, edit.text);
  };
  const onKey = (event: KeyboardEvent) => {
    if (isPressed('run', event, shell.isMac)) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      store.setState({ turnEdit: null });
    }
  };
  return (
    <div className="turn-editor">
      <textarea
        ref={field}
        data-testid="turn-text"
        dir="auto"
        aria-label={`Turn ${index + 1}, changed`}
        rows={2}
        value={edit.text}
        onChange={({ target }) => store.setState({ turnEdit: { ...edit, text: target.value } })}
        onKeyDown={onKey}
      />
      <div className="turn-editor__buttons">
        <button type="button" className="button button--primary" disabled={!able} onClick={send}>
          Ask again
        </button>
        <button type="button" className="button" onClick={() => store.setState({ turnEdit: null })}>
          Keep as it was
        </button>
        <span className="muted">
          {settled
            ? isLast
              ? 'Every lane answers anew.'
              : `Every lane answers anew; ${count(later, 'turn')} after it will be dropped. Undo brings them back.`
            : 'Correct the settings first.'}
        </span>
      </div>
    </div>
  );
}
