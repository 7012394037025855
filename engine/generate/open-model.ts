/** Opens a model on the device and in the arithmetic that were asked for, and finds what these change. */
import { checkFast, Model, type OpenOptions } from '../model/model';
import { ReleaseStack } from '../onnx/runtime/release-stack';
import { type ArithmeticUse, type DeviceUse, failure, type Rounding } from '../protocol';
import { checkStates } from './check-text';
import { openOnDevice } from './device';
import type { LanguageModel } from './language-model';
import { LocalModel } from './local-model';
import { roundingOf } from './rounding';

export interface OpenedModel {
  readonly model: LanguageModel;
  readonly device: DeviceUse;
  readonly arithmetic: ArithmeticUse;
  readonly rounding: Rounding | null;
}

/** What was found before, by model and settings: things are compared when they are first used. */
export interface Checked {
  readonly devices: Map<string, number>;
  readonly arithmetics: Map<string, ArithmeticDifference>;
}

/** Of fast arithmetic from exact. */
export interface ArithmeticDifference {
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
  // Before the model itself is opened, so that memory holds one at a time.
  const exact = isFast && !checked.arithmetics.has(key) ? await exactStates(options, signal) : undefined;
  return ReleaseStack.opening(async (held) => {
    const opened = await openOnDevice(options, checked.devices, signal);
    const model = held.add(opened.model);
    if (exact) checked.arithmetics.set(key, await differenceFrom(exact, model));
    const rounding = await roundingOf(model, options, signal);
    const arithmetic = use(model.noFast, isFast ? checked.arithmetics.get(key) : undefined);
    return { model: new LocalModel(model), device: opened.device, arithmetic, rounding };
  });
}

function use(noFast: string | null, difference: ArithmeticDifference | undefined): ArithmeticUse {
  if (!difference) return { used: 'exact', noFast, largestDifference: null, kl: null, message: null };
  const { largest, kl } = difference;
  const logits = `its logits differ from exact ones by up to ${largest.toPrecision(2)}`;
  const message = `fast arithmetic: on a short text ${logits}, its next-token distributions by ${kl.toPrecision(2)} nats (KL)`;
  return { used: 'fast', noFast, largestDifference: largest, kl, message };
}

/** [n, d] of the check's text, on the CPU. */
async function exactStates(options: OpenOptions, signal?: AbortSignal): Promise<Float32Array> {
  const model = await Model.open({ ...options, arithmetic: 'exact', device: 'cpu' }, signal);
  try {
    checkFast(model.noFast);
    return await checkStates(model);
  } finally {
    await model.release();
  }
}

/** Positions whose logits are held at a time. */
const BLOCK = 16;

/**
 * The head is exact in both arithmetics: what differs are its inputs.
 * @param exact [n, d] of the check's text
 */
async function differenceFrom(exact: Float32Array, fast: Model): Promise<ArithmeticDifference> {
  const { head } = fast;
  const { hiddenSize: d, vocab, logitScale } = head;
  const own = await checkStates(fast);
  let [largest, kl] = [0, 0];
  for (let at = 0; at < own.length; at += BLOCK * d) {
    const z = await head.projectApart(own.slice(at, at + BLOCK * d));
    const moved = await head.projectApart(exact.slice(at, at + BLOCK * d));
    for (const [i, value] of z.entries()) moved[i]! -= value;
    for (const by of moved) largest = Math.max(largest, Math.abs(logitScale * by));
    for (let row = 0; row < z.length; row += vocab) {
      // Of z + moved, which are the exact logits, from z.
      const found = await head.distributions(z.subarray(row, row + vocab), moved.subarray(row, row + vocab));
      kl += found.kl / (own.length / d);
    }
  }
  if (Number.isFinite(largest) && Number.isFinite(kl)) return { largest, kl };
  const message = 'in fast arithmetic the model computes logits that are no numbers';
  throw failure('fast-arithmetic', message, 'Open it in exact arithmetic.');
}
