/** Opens a model on the device that was asked for, or on the CPU where that one fails or computes something else. */
import { Model, type OpenOptions, type UseLayers } from '../model/model';
import { ReleaseStack } from '../onnx/runtime/release-stack';
import { offeredDevices } from '../onnx/runtime/session';
import { type DeviceUse, EngineError } from '../protocol';
import { PromptObjective } from '../slot/objective';

export interface OpenedOnDevice {
  readonly model: Model;
  readonly device: DeviceUse;
}

/** In logits: reduced precision differs by a tenth, and half a logit changes a probability by half. */
export const MAX_LOGIT_DIFFERENCE = 0.5;
const CHECK_PROMPT = 'Tom has 3 apples and buys 5 more. How many does he have?';
/** Of delta's largest component: as large as a step of AdamW at the default learning rate makes it. */
const CHECK_STEP = 0.1;

/**
 * @param checked differences found before, by model and device: a device is compared when it is first used
 * @param useExact as `Model.open` has it
 * @throws EngineError for a model that the CPU cannot open either, and the signal's reason
 */
export async function openOnDevice(
  options: OpenOptions,
  checked: Map<string, number> = new Map(),
  signal?: AbortSignal,
  useExact?: UseLayers,
): Promise<OpenedOnDevice> {
  const { device: asked } = options;
  const onCpu = (why: string) => openOnCpu(options, why, signal, useExact);
  if (asked === 'cpu') {
    const device: DeviceUse = { asked, used: asked, largestDifference: null, message: null };
    return { model: await Model.open(options, signal, useExact), device };
  }
  const offered = offeredDevices();
  if (!offered.includes(asked)) {
    const why = `onnxruntime has no ${asked} on this system, only ${offered.join(', ')}`;
    return onCpu(why);
  }
  try {
    return await onOther(options, checked, onCpu, signal, useExact);
  } catch (error) {
    signal?.throwIfAborted();
    // Bad files fail on every device.
    if (!(error instanceof EngineError) || error.kind === 'input') throw error;
    return onCpu(`${asked} does not work here: ${error.message}`);
  }
}

function onOther(
  options: OpenOptions,
  checked: Map<string, number>,
  onCpu: (why: string) => Promise<OpenedOnDevice>,
  signal?: AbortSignal,
  useExact?: UseLayers,
): Promise<OpenedOnDevice> {
  return ReleaseStack.opening(async (held) => {
    const { device: asked } = options;
    const model = held.add(await Model.open(options, signal, useExact));
    const key = JSON.stringify(options);
    const difference = checked.get(key) ?? (await differenceFromCpu(model, options, signal));
    checked.set(key, difference);
    const found = `its logits differ from the CPU's by up to ${difference.toPrecision(2)} on a short prompt`;
    if (difference <= MAX_LOGIT_DIFFERENCE) {
      const message = `the model runs on ${asked}: ${found}`;
      return { model, device: { asked, used: asked, largestDifference: difference, message } };
    }
    await held.release();
    return onCpu(`on ${asked}, ${found}`);
  });
}

async function openOnCpu(
  options: OpenOptions,
  why: string,
  signal?: AbortSignal,
  useExact?: UseLayers,
): Promise<OpenedOnDevice> {
  const model = await Model.open({ ...options, device: 'cpu' }, signal, useExact);
  const { device: asked } = options;
  const message = `the model runs on the CPU: ${why}`;
  return { model, device: { asked, used: 'cpu', largestDifference: null, message } };
}

async function differenceFromCpu(model: Model, options: OpenOptions, signal?: AbortSignal): Promise<number> {
  const cpu = await Model.open({ ...options, device: 'cpu', memorySaver: true }, signal);
  try {
    return await largestLogitDifference(model, cpu);
  } finally {
    await cpu.release();
  }
}

/** Over all positions of a short prompt, with a delta that takes the way of a SLOT step; NaN where a logit is. */
export async function largestLogitDifference(a: Model, b: Model): Promise<number> {
  const [one, other] = [await adaptedLogits(a), await adaptedLogits(b)];
  let largest = 0;
  for (const [i, logit] of one.entries())
    largest = Math.max(largest, Math.abs(logit - (other[i] ?? Number.NaN)));
  return largest;
}

/** [n, V] up to bias and cap: scale · W·(h + delta), with delta along the loss's gradient. */
async function adaptedLogits({ tokenizer, backbone, head }: Model): Promise<Float32Array> {
  // Two more ids, so that there is a next token to predict even if the text is only one token.
  const ids = [...tokenizer.encode(CHECK_PROMPT, true).filter((id) => id < head.vocab), 0, 0];
  const { hidden } = await backbone.forward([ids], backbone.emptyCache(1), 0);
  const { residual } = await new PromptObjective(head, hidden, ids.slice(1)).atZero();
  const gradient = await head.transposedProduct(residual);
  const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const b = await head.projectDelta(gradient.map((value) => (CHECK_STEP * value) / largest));
  const z = await head.projectApart(hidden);
  return z.map((value, i) => head.logitScale * (value + b[i % head.vocab]!));
}
