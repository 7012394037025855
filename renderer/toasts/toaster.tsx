/** Says what was just done or went wrong, for a while, with the way back. */
import { Toast } from 'radix-ui';
import { useAppState, useStudio } from '../state/studio-context';
import { ProblemCode } from '../ui/parts/problem';
import './toaster.css';

/** The class of what holds them. */
export const TOASTS = 'toast-viewport';

const SHOWN_MS = { done: 10_000, problem: 20_000 } as const;

interface ToasterProps {
  /**
   * Told of an Escape while a toast is shown, which Radix gives to what came last: the toast. Where its default is
   * prevented the toast stays.
   */
  readonly onEscape?: (event: KeyboardEvent) => void;
}

export function Toaster({ onEscape }: ToasterProps) {
  const { store, shell } = useStudio();
  const toast = useAppState((state) => state.toast);
  const dismiss = () => {
    if (store.getState().toast?.id === toast?.id) store.setState({ toast: null });
  };
  return (
    <Toast.Provider label="Message">
      {toast && (
        <Toast.Root
          key={toast.id}
          className={`toast toast--${toast.kind}`}
          type="foreground"
          duration={SHOWN_MS[toast.kind]}
          onOpenChange={(open) => !open && dismiss()}
          onEscapeKeyDown={onEscape}
          data-testid="toast"
        >
          {toast.kind === 'problem' && (
            <span className="problem__sign" aria-hidden="true">
              !
            </span>
          )}
          <Toast.Description className="toast__text">
            {toast.text}
            {toast.code !== null && <ProblemCode code={toast.code} />}
          </Toast.Description>
          {toast.code !== null && (
            <Toast.Action
              className="button button--quiet"
              altText="Copy what went wrong"
              title="Copy what went wrong, with its code"
              onClick={() => void shell.copyText(`${toast.text} [${toast.code}]`)}
            >
              Copy
            </Toast.Action>
          )}
          {toast.action && (
            <Toast.Action className="button" altText={toast.action.name} onClick={toast.action.run}>
              {toast.action.name}
            </Toast.Action>
          )}
          <Toast.Close className="button button--quiet" aria-label="Dismiss">
            ✕
          </Toast.Close>
        </Toast.Root>
      )}
      <Toast.Viewport className={TOASTS} />
    </Toast.Provider>
  );
}
