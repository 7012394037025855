/** Shows the open model and opens another one from a folder. */
import { Popover } from 'radix-ui';
import { type FormEvent, useId, useState } from 'react';
import { DEVICES, Device } from '../../../engine/protocol';
import { useKeyWords } from '../../keys/use-keys';
import { asFailure } from '../../state/failure';
import { modelFailureOf, openModelOf } from '../../state/model-state';
import { useAppState, useStudio } from '../../state/studio-context';
import { Problem } from '../../ui/parts/problem';
import { ModelFacts } from './model-facts';
import '../../models/model-facts.css';
import '../../ui/parts/popover.css';

const DEVICE_NAMES: Readonly<Record<Device, string>> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
};

export function ModelMenu() {
  const { store, session, library, shell } = useStudio();
  const keys = useKeyWords();
  const choice = useAppState((state) => state.modelChoice);
  const chosen = useAppState((state) => state.model);
  const model = openModelOf(chosen);
  const failure = modelFailureOf(chosen);
  // What is typed stands until another model is chosen, here or in the models dialog.
  const [typed, setTyped] = useState({ over: choice.folder, folder: choice.folder });
  const folder = typed.over === choice.folder ? typed.folder : choice.folder;
  const setFolder = (next: string) => setTyped({ over: choice.folder, folder: next });
  const [browseProblem, setBrowseProblem] = useState<string | null>(null);
  const id = useId();

  const open = (event: FormEvent) => {
    event.preventDefault();
    // A dtype belongs to the folder it was chosen in.
    const dtype = folder.trim() === choice.folder ? choice.dtype : '';
    store.setState({ modelChoice: { ...choice, folder: folder.trim(), dtype } });
    void session.openModel();
  };
  const change = (part: Partial<typeof choice>) => {
    store.setState({ modelChoice: { ...choice, ...part } });
    void session.openModel();
  };
  const browse = async () => {
    try {
      const chosen = await shell.chooseModelFolder?.();
      if (chosen) setFolder(chosen);
    } catch (thrown) {
      setBrowseProblem(asFailure(thrown).message);
    }
  };

  return (
    <Popover.Root>
      <Popover.Trigger className="button model-button" data-testid="model" title="Model: open another folder">
        {model ? (
          <>
            <span className="model-button__id">{model.id}</span>
            <span className="muted">
              {model.dtype} · {model.projection}
            </span>
          </>
        ) : (
          <span className={failure ? 'down' : 'muted'}>
            {chosen.state === 'opening' ? 'Opening model…' : failure ? '! Model not open' : 'No model open'}
          </span>
        )}
        <span aria-hidden="true">▾</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label="Model"
          className="popover model-popover"
          align="start"
          sideOffset={5}
          collisionPadding={8}
        >
          {model && <ModelFacts model={model} />}
          <form onSubmit={open}>
            <label htmlFor={`${id}-folder`}>Model folder</label>
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
              {shell.chooseModelFolder && (
                <button type="button" className="button" onClick={() => void browse()}>
                  Browse…
                </button>
              )}
              <button type="submit" className="button">
                Open
              </button>
            </div>
            <p className="field__help">
              A folder with config.json, tokenizer.json and onnx/model*.onnx, as the onnx-community publishes
              them.
            </p>
          </form>
          {model && model.dtypes.length > 1 && (
            <label className="model-popover__row">
              Weights
              <select value={model.dtype} onChange={(event) => change({ dtype: event.target.value })}>
                {model.dtypes.map((dtype) => (
                  <option key={dtype}>{dtype}</option>
                ))}
              </select>
            </label>
          )}
          {model && (model.devices.length > 1 || choice.device !== 'cpu') && (
            <label className="model-popover__row">
              Device
              <select
                data-testid="device"
                value={choice.device}
                onChange={(event) => change({ device: Device.parse(event.target.value) })}
              >
                {DEVICES.filter((device) => device === choice.device || model.devices.includes(device)).map(
                  (device) => (
                    <option key={device} value={device}>
                      {DEVICE_NAMES[device]}
                    </option>
                  ),
                )}
              </select>
            </label>
          )}
          <label className="model-popover__row">
            <input
              type="checkbox"
              checked={choice.memorySaver}
              onChange={(event) => change({ memorySaver: event.target.checked })}
            />
            <span>
              Memory saver{' '}
              <span className="muted">— takes less memory by about the weights' size; writes slower</span>
            </span>
          </label>
          <Popover.Close
            className="button"
            data-testid="all-models"
            title={keys.titled('On this machine and on the Hugging Face hub', 'models')}
            aria-keyshortcuts={keys.aria('models')}
            onClick={() => library.show('models')}
          >
            All models…
          </Popover.Close>
          {browseProblem && <Problem message={browseProblem} />}
          {failure && <Problem message={failure.message} hint={failure.hint} testId="model-error" />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
