/** float32 arrays as a safetensors file: https://github.com/huggingface/safetensors#format */
import { z } from 'zod';
import { badInput } from '../protocol';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor whose elements lie in several arrays, one after the other. */
export interface StackedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rows: readonly Float32Array[];
}

const ALIGNMENT = 8;
const LENGTH_BYTES = 8;

const MAX_DIMS = 4;
const MAX_DIM = 2 ** 24;
/** The token texts of a vocabulary are the most that a header holds. */
const MAX_HEADER = 64 * 2 ** 20;
const METADATA = '__metadata__';

const Entry = z.object({
  dtype: z.literal('F32'),
  shape: z.array(z.int().min(0).max(MAX_DIM)).max(MAX_DIMS),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const Metadata = z.record(z.string(), z.string());
const Header = z.object({ [METADATA]: Metadata.optional() }).catchall(Entry);

/** The file's bytes in parts, of which only the header is made anew. */
export function safetensorsParts(
  tensors: readonly StackedTensor[],
  metadata: z.infer<typeof Metadata> = {},
): Uint8Array[] {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { [METADATA]: metadata } : {};
  let offset = 0;
  for (const { name, shape, rows } of tensors) {
    const bytes = rows.reduce((sum, { byteLength }) => sum + byteLength, 0);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = LENGTH_BYTES + Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const head = new Uint8Array(start).fill(0x20, LENGTH_BYTES);
  new DataView(head.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true);
  head.set(json, LENGTH_BYTES);
  const rows = tensors.flatMap((tensor) => tensor.rows);
  return [
    head,
    ...rows.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  ];
}

export function encodeSafetensors(...args: Parameters<typeof safetensorsParts>): Uint8Array {
  const parts = safetensorsParts(...args);
  // A buffer of its own: a message carries all the memory that a view's buffer has.
  const file = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/**
 * @returns views of `file` where its elements are aligned
 * @throws EngineError when it is no safetensors file of float32 arrays
 */
export function decodeSafetensors(file: Uint8Array): Map<string, NamedTensor> {
  try {
    const { header, start } = readHeader(file);
    const { [METADATA]: _, ...tensors } = header;
    const entries = Object.entries(tensors);
    const total = entries.reduce((sum, [, { data_offsets: range }]) => sum + range[1] - range[0], 0);
    // Tensors may not share bytes: each would become a copy, and a small file many gigabytes.
    if (total > file.length - start) throw new RangeError('the tensors overlap');
    return new Map(
      entries.map(([name, { shape, data_offsets: range }]) => {
        const bytes = file.subarray(start + range[0], start + range[1]);
        const elements = shape.reduce((product, dim) => product * dim, 1);
        if (bytes.length !== elements * Float32Array.BYTES_PER_ELEMENT) throw new RangeError(name);
        // Rows without elements take no bytes, so a file could claim any number of them.
        if (elements === 0 && shape[0] !== 0) throw new RangeError(name);
        return [name, { name, shape, data: floatsOf(bytes) }];
      }),
    );
  } catch {
    throw damagedVectors();
  }
}

/**
 * What is said of the tensors, by name.
 * @throws EngineError when it is no safetensors file of float32 arrays
 */
export function readMetadata(file: Uint8Array): z.infer<typeof Metadata> {
  try {
    return readHeader(file).header[METADATA] ?? {};
  } catch {
    throw damagedVectors();
  }
}

function readHeader(file: Uint8Array) {
  const length = Number(new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true));
  if (length > MAX_HEADER) throw new RangeError('the header is too large');
  const start = LENGTH_BYTES + length;
  const json: unknown = JSON.parse(new TextDecoder().decode(file.subarray(LENGTH_BYTES, start)));
  return { header: Header.parse(json), start };
}

export function damagedVectors() {
  return badInput(
    'safetensors',
    "the run's vectors are damaged",
    'Run the prompt again, or export them again.',
  );
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const isAligned = bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0;
  // A Buffer's own slice is no copy.
  const { buffer, byteOffset, length } = isAligned ? bytes : Uint8Array.from(bytes);
  return new Float32Array(buffer, byteOffset, length / Float32Array.BYTES_PER_ELEMENT);
}
