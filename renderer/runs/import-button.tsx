/** Asks for a run's files, and says beside itself what was wrong with one. */
import { useAppState, useStudio } from '../state/studio-context';
import { FileButton } from '../ui/parts/file-button';
import { Problem } from '../ui/parts/problem';
import { IMPORTED_FILES } from './file-commands';
import { importAll } from './import-all';

export function ImportButton() {
  const { runs } = useStudio();
  return (
    <FileButton
      text="Import…"
      title="A run or a conversation that was exported as JSON Lines, a run's vectors as safetensors; or drop them anywhere onto the window"
      label="Run file"
      testId="import-file"
      accept={IMPORTED_FILES}
      multiple
      onFiles={(files) => void importAll(runs, files)}
    />
  );
}

export function ImportProblem() {
  const { store } = useStudio();
  const failure = useAppState((state) => state.importFailure);
  if (!failure) return null;
  return (
    <Problem
      message={`Nothing was imported: ${failure.message}`}
      hint={failure.hint}
      code={failure.code}
      testId="import-error"
    >
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
