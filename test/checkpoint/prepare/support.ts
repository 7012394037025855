/** Checkpoints over a plain file of floats, and prepared weights read back. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type {
  BlockMatrix,
  Checkpoint,
  Located,
  StoredTensor,
  TensorType,
} from '../../../engine/checkpoint/checkpoint';
import type { PrepareOptions } from '../../../engine/checkpoint/prepare/prepare';
import type { Progress } from '../../../engine/checkpoint/prepare/progress';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slot-prepare-'));
  made.push(folder);
  return folder;
}

export interface Part {
  readonly name: string;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
  readonly type?: TensorType;
}

/** One tensor after the other, the first at an odd offset. */
export function checkpointOf(file: string, parts: readonly Part[]): Checkpoint {
  let offset = 3;
  const tensors = parts.map(({ name, dims, bytes, type = 'F32' }): [string, StoredTensor] => {
    const tensor = { name, type, dims, file, offset, length: bytes.length };
    offset += bytes.length;
    return [name, tensor];
  });
  writeFileSync(file, Buffer.concat([Buffer.alloc(3), ...parts.map(({ bytes }) => bytes)]));
  return checkpoint(new Map(tensors));
}

function checkpoint(tensors: Checkpoint['tensors']): Checkpoint {
  return {
    format: 'safetensors',
    config: {},
    tensors,
    unread: new Map(),
    rotaryInterleaved: false,
    normsIncludeOne: false,
  };
}

/** Normal, by a fixed seed, as float32 in memory. */
export function normal(count: number, seed = 1): Float32Array {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

export function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

/** Weights as the definition of BlockMatrix gives them, in float64. */
export function weightsOf({
  rows,
  columns,
  bits,
  blockSize,
  codes,
  scales,
  constants,
}: BlockMatrix): number[] {
  const code = read(codes);
  const scale = floats(scales);
  const constant = constants ? floats(constants) : undefined;
  return Array.from({ length: rows * columns }, (_, i) => {
    const block = Math.floor(i / blockSize);
    const value = bits === 8 ? code[i]! : (code[i >> 1]! >> (4 * (i & 1))) & 15;
    return scale[block]! * (value - 2 ** (bits - 1)) + (constant?.[block] ?? 0);
  });
}

export function floats(located: Located): Float32Array {
  const bytes = read(located);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function read({ file, offset, length }: Located): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(length));
  const handle = openSync(file, 'r');
  readSync(handle, bytes, 0, length, offset);
  closeSync(handle);
  return bytes;
}

/** Of a run of `prepare` that nothing is to stop. */
export function optionsFor(
  folder: string,
  onProgress: (progress: Progress) => void = () => {},
  signal = new AbortController().signal,
): PrepareOptions {
  return { folder, name: 'tiny', onProgress, signal };
}
