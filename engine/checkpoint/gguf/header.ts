/** The header of one GGUF file, and where its tensors lie. https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
import type { ByteSource } from '../../onnx/proto/byte-source';
import { badInput } from '../../protocol';
import type { Located, TensorType } from '../checkpoint';
import { Cursor } from './cursor';
import { ggmlType, ggmlTypeName, READ_TYPES } from './ggml-types';
import { MAX_KEYS, type Metadata, readMetadata } from './metadata';

/** A tensor by ggml's name. */
export interface GgufTensor extends Located {
  readonly name: string;
  readonly type: TensorType;
  /** The outermost first: a matrix is [out, in]. */
  readonly dims: readonly number[];
}

export interface GgufHeader {
  readonly metadata: Metadata;
  readonly tensors: readonly GgufTensor[];
}

const MAGIC = 'GGUF';
const VERSIONS = [2, 3];
/** A model of 126 layers has some 1,200. */
const MAX_TENSORS = 2 ** 16;
/** ggml's own bounds are 64 and 4. */
const MAX_NAME_BYTES = 1024;
const MAX_RANK = 4;
const DEFAULT_ALIGNMENT = 32;
const MAX_ALIGNMENT = 2 ** 20;

/**
 * @param file the full path that `source` is read from
 * @throws EngineError `malformed-gguf`, `truncated-file`, `unsupported-checkpoint`
 */
export function readHeader(source: ByteSource, file: string): GgufHeader {
  const cursor = new Cursor(source, file);
  checkVersion(cursor, source.size, file);
  const tensorCount = cursor.count(MAX_TENSORS, 'tensors');
  const keyCount = cursor.count(MAX_KEYS, 'metadata keys');
  const metadata = readMetadata(cursor, keyCount, file);
  const alignment = metadata.count('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (alignment > MAX_ALIGNMENT || alignment < 1 || Math.log2(alignment) % 1 !== 0) {
    throw cursor.malformed(`its alignment is ${alignment}, which is no power of two up to ${MAX_ALIGNMENT}`);
  }
  const entries = new Map<string, Entry>();
  for (let i = 0; i < tensorCount; i++) {
    const name = cursor.string(MAX_NAME_BYTES, "a tensor's name");
    if (entries.has(name)) throw cursor.malformed(`it has tensor "${name}" twice`);
    entries.set(name, readEntry(cursor, name, alignment, file));
  }
  const data = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = [...entries].map(
    ([name, { offset, ...entry }]): GgufTensor => ({ name, file, offset: data + offset, ...entry }),
  );
  checkPlaces(tensors, source.size, cursor);
  return { metadata, tensors };
}

function checkVersion(cursor: Cursor, size: number, file: string): void {
  const start = size < 8 ? '' : String.fromCharCode(...cursor.take(4));
  if (start !== MAGIC) {
    throw badInput('malformed-gguf', `${file} is no GGUF file: it does not begin with "${MAGIC}"`);
  }
  const version = cursor.u32();
  if (VERSIONS.includes(version)) return;
  const what =
    version % 2 ** 16 === 0 ? 'is written for big-endian machines' : `is of GGUF version ${version}`;
  throw badInput(
    'unsupported-checkpoint',
    `${file} ${what}; little-endian files of versions ${VERSIONS.join(' and ')} are read`,
    'Get a newer file of the model.',
  );
}

interface Entry extends Omit<GgufTensor, 'name' | 'file'> {}

/** @returns its offset from the start of all tensors' bytes */
function readEntry(cursor: Cursor, name: string, alignment: number, file: string): Entry {
  const rank = cursor.u32();
  if (rank < 1 || rank > MAX_RANK) throw cursor.malformed(`tensor "${name}" has ${rank} dimensions`);
  const dims: number[] = [];
  for (let i = 0; i < rank; i++) dims.unshift(cursor.u64());
  const elements = dims.reduce((product, dim) => product * dim, 1);
  if (dims.includes(0) || elements > Number.MAX_SAFE_INTEGER) {
    throw cursor.malformed(`tensor "${name}" has the shape [${dims.join(', ')}]`);
  }
  const id = cursor.u32();
  const offset = cursor.u64();
  const type = ggmlType(id);
  if (!type) {
    throw badInput(
      'unsupported-checkpoint',
      `${file} holds tensor "${name}" as ${ggmlTypeName(id)}, which is not read`,
      `Get a file of the model whose tensors are ${READ_TYPES}.`,
    );
  }
  const columns = dims[rank - 1]!;
  if (columns % type.blockSize !== 0) {
    throw cursor.malformed(
      `tensor "${name}" has ${columns} columns in ${type.name}'s blocks of ${type.blockSize}`,
    );
  }
  if (offset % alignment !== 0) {
    throw cursor.malformed(`tensor "${name}" begins at byte ${offset}, no multiple of ${alignment}`);
  }
  return { type: type.name, dims, offset, length: (elements / type.blockSize) * type.blockBytes };
}

/** Tensors that share bytes would be one weight under two names. */
function checkPlaces(tensors: readonly GgufTensor[], size: number, cursor: Cursor): void {
  const inOrder = [...tensors].sort((a, b) => a.offset - b.offset);
  for (const [i, { name, offset, length }] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (before && before.offset + before.length > offset) {
      throw cursor.malformed(`tensors "${before.name}" and "${name}" overlap`);
    }
    if (offset + length > size) {
      throw badInput(
        'truncated-file',
        `tensor "${name}" ends at byte ${offset + length} of ${tensors[0]!.file}, which has ${size}`,
        'The download is probably incomplete: get the file again.',
      );
    }
  }
}
