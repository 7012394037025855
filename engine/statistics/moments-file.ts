/**
 * Moments as bytes, little-endian: "SLOTMOM1", entries u32, count u32, mean f64[], squares f64[], up u32[],
 * down u32[], CRC-32 of all before it.
 */

export interface MomentsParts {
  readonly count: number;
  readonly mean: Float64Array;
  /** sums of squared deviations from the mean */
  readonly squares: Float64Array;
  readonly up: Uint32Array;
  readonly down: Uint32Array;
}

const MAGIC = new TextEncoder().encode('SLOTMOM1');
const HEADER = MAGIC.length + 8;
const PER_ENTRY = 24;
const CRC = 4;

export function writeMoments({ count, mean, squares, up, down }: MomentsParts): Uint8Array<ArrayBuffer> {
  const size = mean.length;
  const bytes = new Uint8Array(HEADER + PER_ENTRY * size + CRC);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(MAGIC.length, size, true);
  view.setUint32(MAGIC.length + 4, count, true);
  for (let i = 0; i < size; i++) {
    view.setFloat64(HEADER + 8 * i, mean[i]!, true);
    view.setFloat64(HEADER + 8 * (size + i), squares[i]!, true);
    view.setUint32(HEADER + 16 * size + 4 * i, up[i]!, true);
    view.setUint32(HEADER + 20 * size + 4 * i, down[i]!, true);
  }
  view.setUint32(bytes.length - CRC, crc32(bytes.subarray(0, -CRC)), true);
  return bytes;
}

/** @throws RangeError where the bytes are not what `writeMoments` writes of so many entries */
export function readMoments(bytes: Uint8Array, size: number): MomentsParts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER + CRC || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw new RangeError('not moments: the header is another one');
  const named = view.getUint32(MAGIC.length, true);
  if (named !== size) throw new RangeError(`moments of ${named} entries, not of ${size}`);
  if (bytes.length !== HEADER + PER_ENTRY * size + CRC)
    throw new RangeError(`damaged moments: ${bytes.length} bytes for ${size} entries`);
  if (view.getUint32(bytes.length - CRC, true) !== crc32(bytes.subarray(0, -CRC)))
    throw new RangeError('damaged moments: the checksum is another one');
  const count = view.getUint32(MAGIC.length + 4, true);
  const parts = {
    count,
    mean: Float64Array.from({ length: size }, (_, i) => view.getFloat64(HEADER + 8 * i, true)),
    squares: Float64Array.from({ length: size }, (_, i) => view.getFloat64(HEADER + 8 * (size + i), true)),
    up: Uint32Array.from({ length: size }, (_, i) => view.getUint32(HEADER + 16 * size + 4 * i, true)),
    down: Uint32Array.from({ length: size }, (_, i) => view.getUint32(HEADER + 20 * size + 4 * i, true)),
  };
  if (!parts.mean.every((_, i) => isPossible(parts, i)))
    throw new RangeError('damaged moments: no vectors have such moments');
  return parts;
}

/** A checksum is no signature: whoever writes a file can write a fitting one. */
function isPossible({ count, mean, squares, up, down }: MomentsParts, i: number): boolean {
  const spread = squares[i]!;
  if (count === 0) return mean[i] === 0 && spread === 0 && up[i] === 0 && down[i] === 0;
  return Number.isFinite(mean[i]) && spread >= 0 && spread < Infinity && up[i]! + down[i]! <= count;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** ISO 3309's, as in zip and PNG. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}
