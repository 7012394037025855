/** A matrix of zeros that takes no room on disk and several pieces of work: for what happens in the midst of it. */
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import type { Checkpoint } from '../../../engine/checkpoint/checkpoint';
import type { Scheme } from '../../../engine/checkpoint/prepare/scheme';

export const SCHEME: Scheme = 'q8';
export const HALTED = 'halted';

export function hollowCheckpoint(file: string, rows = 2 ** 13, columns = 2 ** 10): Checkpoint {
  const name = 'model.layers.0.mlp.up_proj.weight';
  const length = 2 * rows * columns;
  const tensor = { name, type: 'F16', dims: [rows, columns], file, offset: 0, length } as const;
  return {
    format: 'safetensors',
    config: {},
    tensors: new Map([[name, tensor]]),
    unread: new Map(),
    rotaryInterleaved: false,
    normsIncludeOne: false,
  };
}

/** Of zeros, on file systems that keep no more than that. */
export function writeHollow(file: string, bytes: number): void {
  const handle = openSync(file, 'w');
  ftruncateSync(handle, bytes);
  closeSync(handle);
}
