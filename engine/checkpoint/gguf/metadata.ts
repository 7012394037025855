/** A GGUF file's metadata: keys with typed values. https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
import { badInput, type EngineError } from '../../protocol';
import type { Cursor } from './cursor';
import { StringList } from './string-list';

export type NumberList =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;
/** Of an array of booleans: bytes that are 0 or 1. Of 64-bit integers: the nearest numbers. */
export type MetadataValue = string | number | boolean | StringList | NumberList;

/** Models have some 50 keys. */
export const MAX_KEYS = 2 ** 16;
/** The format's own bound. */
const MAX_KEY_BYTES = 2 ** 16 - 1;
/** The largest text is a whole tokenizer.json. */
const MAX_STRING_BYTES = 64 * 2 ** 20;
/** The largest vocabulary has 2^18 tokens, and twice as many merges. */
const MAX_ARRAY_LENGTH = 2 ** 22;

const BOOL = 7;
const STRING = 8;
const ARRAY = 9;

export class Metadata {
  /** @param file its full path, for messages */
  constructor(
    private readonly values: ReadonlyMap<string, MetadataValue>,
    private readonly file: string,
  ) {}

  keys(): Iterable<string> {
    return this.values.keys();
  }

  has(key: string): boolean {
    return this.values.has(key);
  }

  get(key: string): MetadataValue | undefined {
    return this.values.get(key);
  }

  text(key: string): string | undefined {
    const value = this.values.get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(key, 'text');
  }

  flag(key: string): boolean | undefined {
    const value = this.values.get(key);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.wrong(key, 'true or false');
  }

  /** A finite number. */
  number(key: string): number | undefined {
    const value = this.values.get(key);
    if (value === undefined) return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.wrong(key, 'a number');
  }

  /** An integer of 0 or more. */
  count(key: string): number | undefined {
    const value = this.values.get(key);
    if (value === undefined) return value;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.wrong(key, 'a count');
  }

  texts(key: string): StringList | undefined {
    const value = this.values.get(key);
    if (value === undefined || value instanceof StringList) return value;
    throw this.wrong(key, 'a list of texts');
  }

  numbers(key: string): NumberList | undefined {
    const value = this.values.get(key);
    if (value === undefined) return value;
    if (ArrayBuffer.isView(value)) return value;
    throw this.wrong(key, 'a list of numbers');
  }

  private wrong(key: string, kind: string): EngineError {
    return badInput('malformed-gguf', `${this.file}: "${key}" in its metadata is not ${kind}`);
  }
}

/** Reads `count` keys with their values. @param file the full path of what `cursor` reads */
export function readMetadata(cursor: Cursor, count: number, file: string): Metadata {
  const values = new Map<string, MetadataValue>();
  for (let i = 0; i < count; i++) {
    const key = cursor.string(MAX_KEY_BYTES, "a key's name");
    if (values.has(key)) throw cursor.malformed(`its metadata has "${key}" twice`);
    values.set(key, readValue(cursor, cursor.u32(), key));
  }
  return new Metadata(values, file);
}

function readValue(cursor: Cursor, type: number, key: string): MetadataValue {
  if (type === STRING) return cursor.string(MAX_STRING_BYTES, `text in "${key}"`);
  if (type === ARRAY) return readArray(cursor, key);
  if (type === BOOL) return cursor.u8() !== 0;
  const scalar = SCALARS.get(type);
  if (!scalar) throw cursor.malformed(`"${key}" in its metadata has the unknown type ${type}`);
  return scalar.read(cursor);
}

function readArray(cursor: Cursor, key: string): StringList | NumberList {
  const type = cursor.u32();
  const length = cursor.count(MAX_ARRAY_LENGTH, `elements in "${key}"`);
  if (type === STRING) return cursor.strings(length);
  if (type === BOOL) return cursor.take(length);
  const scalar = SCALARS.get(type);
  if (scalar) return scalar.list(cursor, length);
  const what = type === ARRAY ? 'lists of lists' : `elements of the unknown type ${type}`;
  throw cursor.malformed(`"${key}" in its metadata has ${what}`);
}

interface Scalar {
  read(cursor: Cursor): number;
  list(cursor: Cursor, length: number): NumberList;
}

/** Elements as they lie, on a little-endian machine as all that are supported. */
function asStored<T extends NumberList>(
  read: (cursor: Cursor) => number,
  list: { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): T },
): Scalar {
  return {
    read,
    list: (cursor, length) => new list(cursor.take(length * list.BYTES_PER_ELEMENT).buffer),
  };
}

function asNumbers(read: (cursor: Cursor) => number): Scalar {
  return { read, list: (cursor, length) => Float64Array.from({ length }, () => read(cursor)) };
}

const SCALARS: ReadonlyMap<number, Scalar> = new Map([
  [0, asStored((cursor) => cursor.u8(), Uint8Array)],
  [1, asStored((cursor) => cursor.i8(), Int8Array)],
  [2, asStored((cursor) => cursor.u16(), Uint16Array)],
  [3, asStored((cursor) => cursor.i16(), Int16Array)],
  [4, asStored((cursor) => cursor.u32(), Uint32Array)],
  [5, asStored((cursor) => cursor.i32(), Int32Array)],
  [6, asStored((cursor) => cursor.f32(), Float32Array)],
  [10, asNumbers((cursor) => cursor.u64())],
  [11, asNumbers((cursor) => cursor.i64())],
  [12, asStored((cursor) => cursor.f64(), Float64Array)],
]);
