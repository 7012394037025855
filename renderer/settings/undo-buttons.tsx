/** Takes changes of lanes, groups and template variables back, and does them again. */
import type { Action } from '../keys/keymap';
import { useKeyWords } from '../keys/use-keys';
import { useAppState, useStudio } from '../state/studio-context';

export function UndoButtons() {
  const { edits } = useStudio();
  const undo = useAppState((state) => state.edits.undo);
  const redo = useAppState((state) => state.edits.redo);
  if (undo === null && redo === null) return null;
  return (
    <span className="undo-buttons">
      <UndoButton name="Undo" sign="↶" action="undo" what={undo} act={edits.undo} />
      <UndoButton name="Redo" sign="↷" action="redo" what={redo} act={edits.redo} />
    </span>
  );
}

interface UndoButtonProps {
  readonly name: string;
  readonly sign: string;
  readonly action: Action;
  /** Null where there is nothing to do. */
  readonly what: string | null;
  readonly act: () => void;
}

function UndoButton({ name, sign, action, what, act }: UndoButtonProps) {
  const keys = useKeyWords();
  const words = what === null ? name : `${name}: ${what}`;
  return (
    <button
      type="button"
      className="button button--quiet"
      data-testid={action}
      aria-label={words}
      title={keys.titled(words, action)}
      aria-keyshortcuts={keys.aria(action)}
      disabled={what === null}
      onClick={act}
    >
      {sign}
    </button>
  );
}
