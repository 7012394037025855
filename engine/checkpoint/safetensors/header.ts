/** The header of a .safetensors file: 8 bytes of length, JSON, then the tensors' bytes. */
import { z } from 'zod';
import { parseJson } from '../../config/read-file';
import type { ByteSource } from '../../onnx/proto/byte-source';
import { badInput } from '../../protocol';
import { FLOAT_TYPES, type FloatType, type StoredTensor } from '../checkpoint';

/** A model of 126 layers has some 1,200. */
export const MAX_TENSORS = 2 ** 16;
/** So many tensors take 10 MB; the format's own bound of 100 MB would hold millions. */
const MAX_HEADER_BYTES = 32 * 2 ** 20;
const MAX_RANK = 8;
const ELEMENT_BYTES: Readonly<Record<FloatType, number>> = { F32: 4, F16: 2, BF16: 2 };

const Entry = z.object({
  dtype: z.string().max(40),
  shape: z.array(z.int().min(0)).max(MAX_RANK),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
/** What it holds is looked at once it is counted. */
const Header = z.custom<Readonly<Record<string, unknown>>>(
  (json) => typeof json === 'object' && json !== null && !Array.isArray(json),
  'expected an object',
);

export interface SafetensorsHeader {
  readonly tensors: readonly StoredTensor[];
  /** Names of tensors in types that are not read, with their types. */
  readonly others: ReadonlyMap<string, string>;
}

/**
 * @param file the full path that `source` is read from
 * @throws EngineError `malformed-safetensors`, `truncated-file`
 */
export function readHeader(source: ByteSource, file: string): SafetensorsHeader {
  const refuse = (why: string) =>
    badInput('malformed-safetensors', `${file} is no sound safetensors file: ${why}`, 'Get the file again.');
  if (source.size < 8) throw refuse('it has less than 8 bytes');
  const start = source.read(0, 8);
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) throw refuse(`its header would have ${length} bytes`);
  const base = 8 + length;
  if (base > source.size) throw refuse('it ends within its header');
  const text = new TextDecoder().decode(source.read(8, length));
  const tensors: StoredTensor[] = [];
  const others = new Map<string, string>();
  const entries = Object.entries(parseJson(text, file, Header));
  if (entries.length > MAX_TENSORS) throw refuse(`it has ${entries.length} tensors`);
  for (const [name, entry] of entries) {
    if (name === '__metadata__') continue;
    const found = Entry.safeParse(entry);
    if (!found.success) throw refuse(`what it says of tensor "${name}" cannot be`);
    const { dtype, shape, data_offsets } = found.data;
    const [begin, end] = data_offsets;
    if (end < begin || base + end > source.size) {
      const needed = base + end;
      throw refuse(`tensor "${name}" ends at byte ${needed}, and the file has ${source.size}`);
    }
    if (!isFloatType(dtype)) {
      others.set(name, dtype);
      continue;
    }
    const expected = shape.reduce((product, dim) => product * dim, ELEMENT_BYTES[dtype]);
    if (expected !== end - begin) {
      throw refuse(`tensor "${name}" of shape [${shape.join(', ')}] has ${end - begin} bytes of ${dtype}`);
    }
    tensors.push({ name, type: dtype, dims: shape, file, offset: base + begin, length: end - begin });
  }
  checkApart(tensors, refuse);
  return { tensors, others };
}

function isFloatType(dtype: string): dtype is FloatType {
  return (FLOAT_TYPES as readonly string[]).includes(dtype);
}

/** Tensors that share bytes would be one weight under two names. */
function checkApart(tensors: readonly StoredTensor[], refuse: (why: string) => Error): void {
  const inOrder = tensors.filter(({ length }) => length > 0).sort((a, b) => a.offset - b.offset);
  for (const [i, tensor] of inOrder.slice(1).entries()) {
    const before = inOrder[i]!;
    if (before.offset + before.length > tensor.offset) {
      throw refuse(`tensors "${before.name}" and "${tensor.name}" overlap`);
    }
  }
}
