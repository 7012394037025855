/** The licences of all that is shipped, as one text that the build wrote beside the page. */
import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import { DialogFrame } from '../toasts/dialog-frame';
import './notices.css';

export function NoticesPanel() {
  const text = useNotices();
  return (
    <DialogFrame className="sheet" testId="notices">
      <header className="sheet__head">
        <Dialog.Title className="sheet__title">Licences and notices</Dialog.Title>
        <Dialog.Close className="button button--quiet notices__close" aria-label="Close">
          ✕
        </Dialog.Close>
      </header>
      {/* Without a place in the order of focus, no key could scroll it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: as above */}
      <section className="sheet__body notices" aria-label="Text of the licences" tabIndex={0}>
        <pre className="notices__text">{text}</pre>
      </section>
    </DialogFrame>
  );
}

function useNotices(): string {
  const [text, setText] = useState('Reading…');
  useEffect(() => {
    const left = new AbortController();
    readNotices(left.signal).then(setText, (error: unknown) => {
      if (!left.signal.aborted)
        setText(`The notices cannot be read: ${String(error)}. Build the window anew.`);
    });
    return () => left.abort();
  }, []);
  return text;
}

async function readNotices(signal: AbortSignal): Promise<string> {
  const response = await fetch('notices.txt', { signal });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
}
