/** The folder to open a model from, typed or chosen in the system's dialog. */

import { type FormEvent, useId, useState } from 'react';
import { toFailure } from '../../../engine/protocol';
import { withWeights } from '../../state/draft';
import { useAppState, useStudio } from '../../state/studio-context';
import { ChooseButtons } from '../../ui/parts/choose-buttons';
import { Problem } from '../../ui/parts/problem';

/** What is typed stands, with the menu closed too, until another model is chosen, here or in the models dialog. */
export function useTypedFolder(): readonly [string, (folder: string) => void] {
  const chosen = useAppState((state) => state.modelChoice.folder);
  const [typed, setTyped] = useState({ over: chosen, folder: chosen });
  const folder = typed.over === chosen ? typed.folder : chosen;
  return [folder, (next) => setTyped({ over: chosen, folder: next })];
}

interface FolderFormProps {
  readonly folder: string;
  readonly setFolder: (folder: string) => void;
}

export function FolderForm({ folder, setFolder }: FolderFormProps) {
  const { store, control, shell } = useStudio();
  const choice = useAppState((state) => state.modelChoice);
  const [browseProblem, setBrowseProblem] = useState<string | null>(null);
  const id = useId();

  const open = (event: FormEvent) => {
    event.preventDefault();
    // A dtype belongs to the folder it was chosen in.
    const dtype = folder.trim() === choice.folder ? choice.dtype : '';
    store.setState({ modelChoice: withWeights(choice, folder.trim(), dtype) });
    void control.openModel();
  };
  const browse = async (kind: 'folder' | 'file') => {
    try {
      const chosen = await shell.chooseModel?.(kind);
      if (chosen) setFolder(chosen);
    } catch (thrown) {
      setBrowseProblem(toFailure(thrown).message);
    }
  };

  return (
    <form onSubmit={open}>
      <label htmlFor={`${id}-folder`}>Model folder or file</label>
      <div className="model-popover__row">
        <input
          id={`${id}-folder`}
          className="mono"
          data-testid="model-folder"
          value={folder}
          placeholder="empty: the starter model"
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setFolder(event.target.value)}
        />
        {shell.chooseModel && <ChooseButtons choose={(kind) => void browse(kind)} />}
        <button type="submit" className="button">
          Open
        </button>
      </div>
      <p className="field__help">
        A folder of safetensors or ONNX files with config.json and tokenizer.json, a .gguf file, or an Ollama
        name: ollama:llama3.2.
      </p>
      {browseProblem && <Problem message={browseProblem} />}
    </form>
  );
}
