/** How the model is opened: its weights, the device, and whether memory is spared. A change opens it anew. */
import { DEVICES, Device, type ModelInfo } from '../../../engine/protocol';
import type { ModelDraft } from '../../state/draft';
import { useAppState, useStudio } from '../../state/studio-context';

const DEVICE_NAMES: Readonly<Record<Device, string>> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
};

/** @param model the open one, which says what there is to choose from */
export function ModelOptions({ model }: { model: ModelInfo | null }) {
  const { store, control } = useStudio();
  const choice = useAppState((state) => state.modelChoice);
  const change = (part: Partial<ModelDraft>) => {
    store.setState({ modelChoice: { ...choice, ...part } });
    void control.openModel();
  };
  return (
    <>
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
    </>
  );
}
