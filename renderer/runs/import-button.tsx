/** Asks for a run's files, and says beside itself what was wrong with one. */
import { useRef } from 'react';
import { useAppState, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { importAll } from './import-all';

export function ImportButton() {
  const { runs } = useStudio();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label="Run file"
        data-testid="import-file"
        accept=".jsonl,.ndjson,.json,application/x-ndjson,.safetensors"
        multiple
        onChange={({ target }) => {
          void importAll(runs, target.files ?? []);
          // So that the same file can be chosen again once it is mended.
          target.value = '';
        }}
      />
      <button
        type="button"
        className="button"
        title="A run that was exported as JSON Lines, and its vectors as safetensors; or drop them anywhere onto the window"
        onClick={() => input.current?.click()}
      >
        Import…
      </button>
    </>
  );
}

export function ImportProblem() {
  const { store } = useStudio();
  const failure = useAppState((state) => state.importFailure);
  if (!failure) return null;
  return (
    <Problem message={`Nothing was imported: ${failure.message}`} hint={failure.hint} testId="import-error">
      <button
        type="button"
        className="button button--quiet"
        onClick={() => store.setState({ importFailure: null })}
      >
        Dismiss
      </button>
    </Problem>
  );
}
