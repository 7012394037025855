/** Versions, folders and what went wrong, to read and to copy: what is shown is all that is copied, and nothing is sent. */
import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import { type Report, reportText } from '../state/diagnostics';
import { useStudio } from '../state/studio-context';
import { DialogFrame } from '../toasts/dialog-frame';
import './diagnostics.css';

export function DiagnosticsPanel() {
  const { readReport } = useStudio();
  const [report, setReport] = useState<Report | null>(null);
  useEffect(() => {
    let isOpen = true;
    void readReport().then((read) => isOpen && setReport(read));
    return () => {
      isOpen = false;
    };
  }, [readReport]);

  return (
    <DialogFrame className="sheet" testId="diagnostics">
      <header className="sheet__head">
        <Dialog.Title className="sheet__title">Diagnostics</Dialog.Title>
        <CopyReport report={report} />
        <Dialog.Close className="button button--quiet diagnostics__close" aria-label="Close">
          ✕
        </Dialog.Close>
      </header>
      <div className="sheet__body diagnostics">
        <p className="muted">
          For a report of a problem. It holds no prompts and no answers, stays on this machine until you copy
          it, and is never sent.
        </p>
        {report === null ? <p className="muted">Reading…</p> : <Sections report={report} />}
      </div>
    </DialogFrame>
  );
}

function CopyReport({ report }: { report: Report | null }) {
  const { shell, toasts } = useStudio();
  const copy = (text: string) =>
    toasts.attempt(async () => {
      await shell.copyText(text);
      toasts.say('Copied the diagnostics.');
    });
  return (
    <button
      type="button"
      className="button"
      data-testid="copy-diagnostics"
      disabled={report === null}
      onClick={() => report && void copy(reportText(report))}
    >
      Copy
    </button>
  );
}

function Sections({ report: { facts, folders, incidents } }: { report: Report }) {
  return (
    <>
      <Entries title="Versions and state" entries={facts} />
      {folders.length > 0 && (
        <Entries title="Folders" entries={folders.map(({ name, path }) => ({ name, value: path }))} />
      )}
      <section aria-label="What went wrong">
        <h3>What went wrong</h3>
        {incidents.length === 0 && <p className="muted">Nothing that is known of.</p>}
        <ol className="diagnostics__incidents">
          {incidents.map(({ at, text }) => (
            <li key={`${at} ${text}`}>
              <time className="muted" dateTime={at}>
                {at}
              </time>
              <pre className="diagnostics__text">{text}</pre>
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

interface EntriesProps {
  readonly title: string;
  readonly entries: readonly { readonly name: string; readonly value: string }[];
}

function Entries({ title, entries }: EntriesProps) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <dl className="diagnostics__entries">
        {entries.map(({ name, value }) => (
          <div key={name}>
            <dt className="muted">{name}</dt>
            <dd className="diagnostics__text">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
