/** Entries of a menu: what repeats a run elsewhere, on the clipboard. */
import { DropdownMenu } from 'radix-ui';
import { useStudio } from '../state/studio-context';
import { commandOf } from './command-of-run';
import { pythonOf } from './python-of-run';

/** @param runId null where there is none that has ended */
export function CopyItems({ runId }: { runId: string | null }) {
  const { shell, runs, toasts } = useStudio();

  const copy = (
    what: string,
    write: (events: Awaited<ReturnType<typeof runs.recorded>>['events']) => string,
  ) =>
    toasts.attempt(async () => {
      if (runId === null) return;
      await shell.copyText(write((await runs.recorded(runId)).events));
      toasts.say(`Copied the run as ${what}.`);
    });
  const command = () =>
    copy('a command', ([started]) => (started?.type === 'run.started' ? commandOf(started.config) : ''));

  return (
    <>
      <DropdownMenu.Item className="menu__item" disabled={runId === null} onSelect={() => void command()}>
        <strong>Copy as command</strong>
        <span>repeats it in a terminal</span>
      </DropdownMenu.Item>
      <DropdownMenu.Item
        className="menu__item"
        disabled={runId === null}
        onSelect={() => void copy('Python', pythonOf)}
      >
        <strong>Copy as Python</strong>
        <span>repeats it with PyTorch and transformers, and prints both beside each other</span>
      </DropdownMenu.Item>
    </>
  );
}
