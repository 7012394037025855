/** What every dialog over the window has in common: its place, its ways to close, and the toasts. */
import { Dialog } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import { useStudio } from '../state/studio-context';
import { leaveOwnEscape } from '../ui/parts/own-escape';
import { TOASTS, Toaster } from './toaster';

interface DialogFrameProps {
  readonly className: string;
  readonly testId: string;
  /** With a Dialog.Title among it. */
  readonly children: ReactNode;
}

export function DialogFrame({ className, testId, children }: DialogFrameProps) {
  const { store } = useStudio();
  const content = useRef<HTMLDivElement>(null);
  const close = () => store.setState({ dialog: null });
  /** Of the dialog where the focus is in it, or nowhere: not in a toast, nor in a menu, which opens beside it. */
  const escapeDialog = (event: KeyboardEvent) => {
    const { target } = event;
    if (!(target instanceof Element)) return;
    if (target !== document.body && !content.current?.contains(target)) return;
    if (target.closest(`.${TOASTS}`)) return;
    leaveOwnEscape(event);
    if (!event.defaultPrevented) close();
    // The toast stays, wherever the key went.
    event.preventDefault();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          ref={content}
          className={className}
          data-testid={testId}
          aria-describedby={undefined}
          onEscapeKeyDown={leaveOwnEscape}
        >
          {children}
          <Toaster onEscape={escapeDialog} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
