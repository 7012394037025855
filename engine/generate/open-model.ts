/** Opens a model on the device and in the arithmetic that were asked for, and finds what these change. */
import type { Model, OpenOptions, UseLayers } from '../model/model';
import { ReleaseStack } from '../onnx/runtime/release-stack';
import { type ArithmeticUse, type DeviceUse, failure, type Rounding, type ServerUse } from '../protocol';
import { checkStates } from './check-text';
import { openOnDevice } from './device';
import type { LanguageModel } from './language-model';
import { LocalModel } from './local-model';
import { roundingOf } from './rounding';
import { differenceOf } from './state-difference';

export interface OpenedModel {
  readonly model: LanguageModel;
  readonly device: DeviceUse;
  readonly arithmetic: ArithmeticUse;
  readonly rounding: Rounding | null;
  /** Where its layers run; null where that is this machine. */
  readonly server: ServerUse | null;
}

/** What was found before, by model and settings: things are compared when they are first used. */
export interface Checked {
  readonly devices: Map<string, number>;
  readonly arithmetics: Map<string, ArithmeticDifference>;
}

/** Of fast arithmetic from exact. */
interface ArithmeticDifference {
  /** Of a logit, up to bias and cap. */
  readonly largest: number;
  /** The mean over positions of KL(exact ‖ fast), nats. */
  readonly kl: number;
}

/** @throws EngineError for a model that cannot be opened so, and the signal's reason */
export async function openModel(
  options: OpenOptions,
  checked: Checked = { devices: new Map(), arithmetics: new Map() },
  signal?: AbortSignal,
): Promise<OpenedModel> {
  const isFast = options.arithmetic === 'fast';
  const key = JSON.stringify(options);
  const isNew = isFast && !checked.arithmetics.has(key);
  let exact: Float32Array = new Float32Array();
  const useExact: UseLayers = async (layers) => {
    exact = await checkStates(layers);
  };
  return ReleaseStack.opening(async (held) => {
    const opened = await openOnDevice(options, checked.devices, signal, isNew ? useExact : undefined);
    const model = held.add(opened.model);
    if (isNew) checked.arithmetics.set(key, await differenceFrom(exact, model));
    const rounding = await roundingOf(model, options, signal);
    const arithmetic = use(model.noFast, isFast ? checked.arithmetics.get(key) : undefined);
    return { model: new LocalModel(model), device: opened.device, arithmetic, rounding, server: null };
  });
}

function use(noFast: string | null, difference: ArithmeticDifference | undefined): ArithmeticUse {
  if (!difference) return { used: 'exact', noFast, largestDifference: null, kl: null, message: null };
  const { largest, kl } = difference;
  const logits = `its logits differ from exact ones by up to ${largest.toPrecision(2)}`;
  const message = `fast arithmetic: on a short text ${logits}, its next-token distributions by ${kl.toPrecision(2)} nats (KL)`;
  return { used: 'fast', noFast, largestDifference: largest, kl, message };
}

/**
 * Of logits as answers are written from them, whose head is less precise in fast arithmetic, too.
 * @param exact [n, d] of the check's text
 */
async function differenceFrom(exact: Float32Array, fast: Model): Promise<ArithmeticDifference> {
  const { largest, kl } = await differenceOf(fast.head, exact, await checkStates(fast));
  if (Number.isFinite(largest) && Number.isFinite(kl)) return { largest, kl };
  const message = 'in fast arithmetic the model computes logits that are no numbers';
  throw failure('fast-arithmetic', message, 'Open it in exact arithmetic.');
}
