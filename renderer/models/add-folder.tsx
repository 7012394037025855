/** Adds a model by the path of its folder or file, by dialog where the shell has one, or by dropping it onto the window. */
import { type FormEvent, useId, useState } from 'react';
import { useAppState, useStudio } from '../state/studio-context';
import { ChooseButtons } from '../ui/parts/choose-buttons';
import { Problem } from '../ui/parts/problem';

export function AddFolder() {
  const { models, shell, toasts } = useStudio();
  const failure = useAppState((state) => state.models.folderFailure);
  const [path, setPath] = useState('');
  const id = useId();

  const add = async (folder: string) => {
    if (await models.addFolder(folder.trim())) setPath('');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (path.trim() !== '') void add(path);
  };
  const browse = async (kind: 'folder' | 'file') => {
    try {
      const chosen = await shell.chooseModel?.(kind);
      if (!chosen) return;
      setPath(chosen);
      await add(chosen);
    } catch (thrown) {
      toasts.complain(thrown);
    }
  };

  return (
    <form className="add-folder" onSubmit={submit}>
      <label htmlFor={`${id}-path`}>Add a model</label>
      <div className="add-folder__row">
        <input
          id={`${id}-path`}
          className="mono"
          data-testid="add-folder"
          value={path}
          placeholder={shell.pathOf ? 'full path, or drop it here' : 'full path'}
          spellCheck={false}
          autoComplete="off"
          aria-invalid={failure !== null}
          aria-describedby={`${id}-help`}
          onChange={({ target }) => setPath(target.value)}
        />
        {shell.chooseModel && <ChooseButtons choose={(kind) => void browse(kind)} />}
        <button type="submit" className="button" disabled={path.trim() === ''}>
          Add
        </button>
      </div>
      <p id={`${id}-help`} className="field__help">
        A .gguf file, or a folder with config.json, tokenizer.json and onnx/model*.onnx or model.safetensors.
        Its files stay where they are.
      </p>
      {failure && (
        <Problem message={failure.message} hint={failure.hint} code={failure.code} testId="folder-error" />
      )}
    </form>
  );
}
