/** Stored floats as float32, at the speed of memory: bytes of many rows at once. */
import { fromFloat16 } from '../../onnx/proto/float-data';
import type { FloatType } from '../checkpoint';

let halves: Float32Array | undefined;

/** Every float16 by its bits: 256 KiB. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromFloat16(bits));
  return halves;
}

/** @param bytes little-endian; those of float32 are looked at in place */
export function widen(bytes: Uint8Array<ArrayBuffer>, type: FloatType): Float32Array {
  if (type === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const from = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  if (type === 'BF16') {
    const bits = new Uint32Array(from.length);
    for (let i = 0; i < from.length; i++) bits[i] = from[i]! << 16;
    return new Float32Array(bits.buffer);
  }
  const table = halfTable();
  const wide = new Float32Array(from.length);
  for (let i = 0; i < from.length; i++) wide[i] = table[from[i]!]!;
  return wide;
}
