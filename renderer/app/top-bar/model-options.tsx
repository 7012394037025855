/** How the model is opened: its weights, the device, the arithmetic, and whether memory is spared. A change opens it anew. */
import { DEVICES, Device, type ModelInfo } from '../../../engine/protocol';
import { type ModelDraft, withWeights } from '../../state/draft';
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
  const noFast = model?.arithmetic.noFast ?? null;
  return (
    <>
      {model && model.dtypes.length > 1 && (
        <label className="model-popover__row">
          Weights
          <select
            value={model.dtype}
            onChange={(event) =>
              change(withWeights(choice, choice.folder, event.target.value, choice.server))
            }
          >
            {model.dtypes.map((dtype) => (
              <option key={dtype}>{dtype}</option>
            ))}
          </select>
        </label>
      )}
      {model && (model.devices.length > 1 || choice.device !== 'cpu') && (
        <DeviceOption model={model} chosen={choice.device} choose={(device) => change({ device })} />
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
      <label className="model-popover__row">
        <input
          type="checkbox"
          data-testid="fast"
          checked={choice.arithmetic === 'fast'}
          disabled={noFast !== null && choice.arithmetic === 'exact'}
          onChange={(event) => change({ arithmetic: event.target.checked ? 'fast' : 'exact' })}
        />
        <span>
          Fast arithmetic{' '}
          <span className="muted">
            —{' '}
            {noFast ??
              "rounds activations, to 8 bits in the layers, to 16 in the head; SLOT's steps take the head exactly"}
          </span>
        </span>
      </label>
    </>
  );
}

interface DeviceOptionProps {
  readonly model: ModelInfo;
  readonly chosen: Device;
  readonly choose: (device: Device) => void;
}

function DeviceOption({ model, chosen, choose }: DeviceOptionProps) {
  const offered = DEVICES.filter((device) => device === chosen || model.devices.includes(device));
  return (
    <label className="model-popover__row">
      Device
      <select
        data-testid="device"
        value={chosen}
        onChange={(event) => choose(Device.parse(event.target.value))}
      >
        {offered.map((device) => (
          <option key={device} value={device}>
            {DEVICE_NAMES[device]}
          </option>
        ))}
      </select>
    </label>
  );
}
