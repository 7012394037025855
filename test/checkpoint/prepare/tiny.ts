/** A checkpoint of five tensors, a hollow one of any size, and what is prepared of them. */
import { join } from 'node:path';
import type { Checkpoint } from '../../../engine/checkpoint/checkpoint';
import { prepare } from '../../../engine/checkpoint/prepare/prepare';
import type { Progress } from '../../../engine/checkpoint/prepare/progress';
import type { Scheme } from '../../../engine/checkpoint/prepare/scheme';
import { hollowCheckpoint, writeHollow } from './hollow';
import { bytesOf, checkpointOf, normal, optionsFor, weightsOf } from './support';

export const EMBEDDING = normal(48 * 64, 1);
export const QUERY = normal(64 * 64, 2);
export const HEAD = normal(48 * 64, 3);

export function tiny(folder: string, query = QUERY): Checkpoint {
  return checkpointOf(join(folder, 'model.safetensors'), [
    { name: 'model.embed_tokens.weight', dims: [48, 64], bytes: bytesOf(EMBEDDING) },
    { name: 'model.layers.0.input_layernorm.weight', dims: [64], bytes: bytesOf(normal(64)) },
    { name: 'model.layers.0.self_attn.q_proj.weight', dims: [64, 64], bytes: bytesOf(query) },
    { name: 'model.layers.0.mlp.odd.weight', dims: [4, 40], bytes: bytesOf(normal(160)) },
    { name: 'lm_head.weight', dims: [48, 64], bytes: bytesOf(HEAD) },
  ]);
}

export function hollow(folder: string, rows: number, columns: number): Checkpoint {
  const file = join(folder, 'model.safetensors');
  writeHollow(file, Math.min(2 * rows * columns, 2 ** 30));
  return hollowCheckpoint(file, rows, columns);
}

/** Ends its use at once, and tells by which work it was made. */
export async function prepared(checkpoint: Checkpoint, folder: string, scheme: Scheme = 'q8') {
  const phases = new Set<Progress['phase']>();
  const result = await prepare(
    checkpoint,
    scheme,
    optionsFor(folder, ({ phase }) => phases.add(phase)),
  );
  const weights = new Map([...result.tensors].map(([name, tensor]) => [name, weightsOf(tensor)]));
  result.release();
  return { ...result, weights, phases: [...phases] };
}
