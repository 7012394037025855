/** Copies a text and says that it did. */
import { useEffect, useState } from 'react';
import { useStudio } from '../../state/studio-context';

const SHOWN_MS = 1500;

export function CopyButton({ text, label }: { text: () => string; label: string }) {
  const { shell } = useStudio();
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);

  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = () =>
    shell.copyText(text()).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    );
  return (
    <button
      type="button"
      className="button button--quiet"
      aria-label={label}
      title={label}
      onClick={() => void copy()}
    >
      <span role="status">
        {outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Not allowed' : 'Copy'}
      </span>
    </button>
  );
}
