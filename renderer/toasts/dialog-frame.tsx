/** What every dialog over the window has in common: its place, its ways to close, and the toasts. */
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useStudio } from '../state/studio-context';
import { leaveOwnEscape } from '../ui/parts/own-escape';
import { Toaster } from './toaster';

interface DialogFrameProps {
  readonly className: string;
  readonly testId: string;
  /** With a Dialog.Title among it. */
  readonly children: ReactNode;
}

export function DialogFrame({ className, testId, children }: DialogFrameProps) {
  const { store } = useStudio();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && store.setState({ dialog: null })}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className={className}
          data-testid={testId}
          aria-describedby={undefined}
          onEscapeKeyDown={leaveOwnEscape}
        >
          {children}
          <Toaster />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
