/** Stands in the window's place where drawing it failed: says why, and offers the ways on. */
import { Component, type ReactNode } from 'react';
import { reportText } from '../state/diagnostics';
import { STORAGE_KEY } from '../state/persistence';
import { useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';

interface Caught {
  readonly message: string | null;
}

export class Boundary extends Component<{ readonly children: ReactNode }, Caught> {
  override state: Caught = { message: null };

  static getDerivedStateFromError(thrown: unknown): Caught {
    return { message: thrown instanceof Error ? thrown.message : String(thrown) };
  }

  override componentDidCatch(thrown: unknown): void {
    // As any other error of the window: who keeps incidents hears of it.
    window.reportError(thrown);
  }

  override render(): ReactNode {
    const { message } = this.state;
    return message === null ? this.props.children : <Fallen message={message} />;
  }
}

function Fallen({ message }: { readonly message: string }) {
  const { shell, readReport } = useStudio();
  const forget = () => {
    window.localStorage.removeItem(STORAGE_KEY);
    window.location.reload();
  };
  return (
    <main className="banner">
      <Problem
        message={`the window could not be drawn: ${message}`}
        hint="Stored runs are safe. If loading it again does not help, let it forget its layout and what was typed, but not sent."
        testId="fallen"
      >
        <button type="button" className="button button--primary" onClick={() => window.location.reload()}>
          Load again
        </button>
        <button type="button" className="button" onClick={forget}>
          Forget layout and drafts
        </button>
        <button
          type="button"
          className="button"
          onClick={() => void readReport().then((report) => shell.copyText(reportText(report)))}
        >
          Copy diagnostics
        </button>
      </Problem>
    </main>
  );
}
