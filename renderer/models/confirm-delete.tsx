/** A button that deletes only once the user has read what goes. */
import { AlertDialog } from 'radix-ui';
import './confirm-delete.css';

interface ConfirmDeleteProps {
  /** The button's name, with what it deletes. */
  readonly label: string;
  readonly title: string;
  readonly text: string;
  readonly verb?: 'Delete' | 'Discard';
  readonly onConfirm: () => void;
}

export function ConfirmDelete({ label, title, text, verb = 'Delete', onConfirm }: ConfirmDeleteProps) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger className="button button--quiet" aria-label={label}>
        {verb}…
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay confirm-overlay" />
        <AlertDialog.Content className="confirm" data-testid="confirm">
          <AlertDialog.Title className="sheet__title">{title}</AlertDialog.Title>
          <AlertDialog.Description>{text}</AlertDialog.Description>
          <div className="confirm__actions">
            <AlertDialog.Cancel className="button">Keep</AlertDialog.Cancel>
            <AlertDialog.Action className="button confirm__action" onClick={onConfirm}>
              {verb}
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
