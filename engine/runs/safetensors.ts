/** float32 arrays as a safetensors file: https://github.com/huggingface/safetensors#format */
import { z } from 'zod';
import { badInput } from '../protocol';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const ALIGNMENT = 8;
const LENGTH_BYTES = 8;

const Entry = z.object({
  dtype: z.literal('F32'),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

export function encodeSafetensors(tensors: readonly NamedTensor[]): Uint8Array {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = LENGTH_BYTES + Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(start + offset).fill(0x20, LENGTH_BYTES, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true);
  file.set(json, LENGTH_BYTES);
  let at = start;
  for (const { data } of tensors) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** @throws EngineError when it is no safetensors file of float32 arrays */
export function decodeSafetensors(file: Uint8Array): Map<string, NamedTensor> {
  try {
    const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
    const start = LENGTH_BYTES + length;
    const json: unknown = JSON.parse(new TextDecoder().decode(file.subarray(LENGTH_BYTES, start)));
    const entries = z.record(z.string(), Entry).parse(json);
    return new Map(
      Object.entries(entries).map(
        ([
          name,
          {
            shape,
            data_offsets: [from, to],
          },
        ]) => {
          const bytes = file.subarray(start + from, start + to);
          const data = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
          if (bytes.length !== data.byteLength) throw new RangeError(name);
          new Uint8Array(data.buffer).set(bytes);
          return [name, { name, shape, data }];
        },
      ),
    );
  } catch {
    throw badInput('safetensors', "the run's vectors are damaged", 'Run the prompt again.');
  }
}
