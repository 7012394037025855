/** Floating-point elements of any width as numbers. */
import { badInput } from '../../protocol';
import { DataType, dataTypeName } from './data-type';
import type { TensorInfo } from './model-types';

/** A floating-point tensor's elements, little-endian, as numbers. */
export function decodeFloats(
  bytes: Uint8Array,
  { name, dataType }: Pick<TensorInfo, 'name' | 'dataType'>,
): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dataType === DataType.FLOAT) {
    return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  }
  const halves = { length: bytes.length / 2 };
  if (dataType === DataType.FLOAT16) {
    return Float32Array.from(halves, (_, i) => fromFloat16(view.getUint16(2 * i, true)));
  }
  if (dataType === DataType.BFLOAT16) {
    return new Float32Array(Uint32Array.from(halves, (_, i) => view.getUint16(2 * i, true) << 16).buffer);
  }
  throw badInput('constant-type', `constant "${name}" is ${dataTypeName(dataType)}, not a float`);
}

/** IEEE 754 binary16 to number; Node 20 has no Float16Array. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
