/** Deltas of a safetensors file: one that was exported with a run, or anyone's own. */
import { badInput, MAX_DELTA } from '../protocol';
import { decodeSafetensors, type NamedTensor } from './safetensors';
import { type KeptDelta, keptDelta, unstack } from './vectors';

const MAX_STEPS = 1000;

interface FileDelta {
  /** Of its tensor. */
  readonly name: string;
  /** [d] after each step. */
  readonly deltas: readonly Float32Array[];
  /** [V] of the last steps, where they lie beside it. */
  readonly shifts: readonly Float32Array[];
}

/**
 * The tensors named `delta` or `….delta`; where there are none, every one of one or two dimensions.
 * @param file its name, for messages
 * @throws EngineError `given-delta` where there are none
 */
export function deltasOfFile(file: string, bytes: Uint8Array): FileDelta[] {
  const tensors = read(file, bytes);
  const named = [...tensors.keys()].filter((name) => /(?:^|\.)delta$/.test(name));
  const names = named.length > 0 ? named : [...tensors.keys()];
  const found = names.flatMap((name) => {
    const deltas = rowsOf(tensors.get(name)!);
    const shifts = unstack(tensors.get(name.replace(/delta$/, 'shift')));
    return deltas ? [{ name, deltas, shifts: name.endsWith('delta') ? shifts : [] }] : [];
  });
  if (found.length > 0) return found;
  const what = `no tensor of one or two dimensions, with at most ${MAX_STEPS} rows of ${MAX_DELTA} numbers`;
  throw badInput('given-delta', `${file}: there is no delta in it: ${what}`, 'Choose another file.');
}

/**
 * @param tensor the first where it is left out @param step updates; the last where it is left out
 * @throws EngineError `given-delta`
 */
export function deltaOfFile(
  file: string,
  deltas: readonly FileDelta[],
  tensor: string | undefined,
  step: number | undefined,
): KeptDelta & { readonly name: string } {
  const found = tensor === undefined ? deltas[0] : deltas.find(({ name }) => name === tensor);
  if (!found) {
    const there = deltas.slice(0, 8).map(({ name }) => `"${name}"`);
    throw badInput('given-delta', `${file}: it has no delta "${tensor}"`, `It has ${there.join(', ')}.`);
  }
  const kept = keptDelta(found, step);
  if (kept) return { ...kept, name: found.name };
  const message = `${file}: "${found.name}" has ${found.deltas.length} steps, so it has no step ${step}`;
  throw badInput('given-delta', message, 'Choose a step that it has.');
}

function read(file: string, bytes: Uint8Array): Map<string, NamedTensor> {
  try {
    return decodeSafetensors(bytes);
  } catch {
    throw badInput(
      'given-delta',
      `${file}: it is no safetensors file of float32 tensors`,
      'Choose the vectors that were exported with a run, or save the delta as float32.',
    );
  }
}

/** Undefined for what is no delta. */
function rowsOf(tensor: NamedTensor): Float32Array[] | undefined {
  const [count, width] = tensor.shape.length === 1 ? [1, tensor.shape[0]!] : tensor.shape;
  if (tensor.shape.length > 2 || !count || !width || count > MAX_STEPS || width > MAX_DELTA) return undefined;
  return unstack({ ...tensor, shape: [count, width] });
}
