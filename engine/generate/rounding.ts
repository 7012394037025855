/** What rounding a checkpoint's weights loses: measured on the model itself when it is first opened, and kept. */
import { freemem } from 'node:os';
import prettyBytes from 'pretty-bytes';
import { type Loss, lossWords } from '../model/loss-words';
import { Model, type OpenOptions } from '../model/model';
import { failure, type Rounding } from '../protocol';
import { checkStates } from './check-text';
import { comparedRows } from './compared-rows';

/** Of the memory that is free, for the model over its stored weights. */
const SHARE = 0.5;

/**
 * Null where nothing is rounded.
 * @param options that the model was opened with
 * @throws the signal's reason
 */
export async function roundingOf(
  model: Model,
  options: OpenOptions,
  signal?: AbortSignal,
): Promise<Rounding | null> {
  const { made } = model;
  const { roundedFrom } = model.folder.source;
  if (!made || roundedFrom === undefined) return null;
  const known = made.loss();
  if (known) return told(known);
  if (options.arithmetic === 'fast' || options.device !== 'cpu')
    return untold('that is measured when the model is first opened on the CPU in exact arithmetic');
  const needed = storedBytes(model);
  if (needed > SHARE * freemem())
    return untold(`with its stored weights the model would take ${prettyBytes(needed)} of memory`);
  const stored = await Model.open({ ...options, dtype: roundedFrom, memorySaver: true }, signal);
  try {
    const loss = await lossOf(model, stored);
    made.keepLoss(loss);
    return told(loss);
  } finally {
    await stored.release();
  }
}

function told(loss: Loss): Rounding {
  return { kl: loss.kl, message: lossWords(loss) };
}

function untold(why: string): Rounding {
  return { kl: null, message: `rounded weights: what they lose is not measured: ${why}` };
}

/** As float32, which onnxruntime widens shorter floats to. */
function storedBytes({ folder }: Model): number {
  const tensors = [...(folder.source.preparation()?.checkpoint.tensors.values() ?? [])];
  return tensors.reduce((sum, { dims }) => sum + 4 * dims.reduce((product, dim) => product * dim, 1), 0);
}

async function lossOf(rounded: Model, stored: Model): Promise<Loss> {
  const [own, others] = [await checkStates(rounded), await checkStates(stored)];
  const tokens = own.length / rounded.head.hiddenSize;
  let [kl, same] = [0, 0];
  const rows = comparedRows({ head: rounded.head, states: own }, { head: stored.head, states: others });
  for await (const { distributions } of rows) {
    kl += distributions.kl;
    if (largestAt(distributions.logprobs) === largestAt(distributions.baseLogprobs)) same++;
  }
  if (Number.isFinite(kl)) return { kl: Math.max(0, kl / tokens), same: same / tokens, tokens };
  const message = 'over its rounded weights the model computes logits that are no numbers';
  throw failure('rounded-weights', message, 'Open it with its stored weights.');
}

function largestAt(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
