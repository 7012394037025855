/** Little-endian values of a GGUF header, one after the other. Only the header is read, in pieces that grow. */
import type { ByteSource } from '../../onnx/proto/byte-source';
import { badInput, type EngineError } from '../../protocol';
import { StringList } from './string-list';

/** The largest vocabularies with their merges take 20 MB. */
const MAX_HEADER_BYTES = 128 * 2 ** 20;
const FIRST_PIECE = 256 * 2 ** 10;
const LENGTH_BYTES = 8;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export class Cursor {
  /** Where the next value begins. */
  at = 0;
  private bytes = new Uint8Array(0);
  private view = new DataView(this.bytes.buffer);

  /** @param file the full path that `source` is read from, for messages */
  constructor(
    private readonly source: ByteSource,
    private readonly file: string,
  ) {}

  get remaining(): number {
    return this.source.size - this.at;
  }

  malformed(why: string): EngineError {
    return badInput('malformed-gguf', `${this.file} is no sound GGUF file: ${why}`, 'Get the file again.');
  }

  u8(): number {
    return this.past(1).getUint8(this.at - 1);
  }

  i8(): number {
    return this.past(1).getInt8(this.at - 1);
  }

  u16(): number {
    return this.past(2).getUint16(this.at - 2, true);
  }

  i16(): number {
    return this.past(2).getInt16(this.at - 2, true);
  }

  u32(): number {
    return this.past(4).getUint32(this.at - 4, true);
  }

  i32(): number {
    return this.past(4).getInt32(this.at - 4, true);
  }

  f32(): number {
    return this.past(4).getFloat32(this.at - 4, true);
  }

  f64(): number {
    return this.past(8).getFloat64(this.at - 8, true);
  }

  /** The nearest number: what counts is checked where it is used. */
  u64(): number {
    return Number(this.past(8).getBigUint64(this.at - 8, true));
  }

  i64(): number {
    return Number(this.past(8).getBigInt64(this.at - 8, true));
  }

  /** A length or a count. @param max the most that may be asked for, in `unit`s of whatever it counts */
  count(max: number, what: string): number {
    const value = this.u64();
    if (value <= max) return value;
    throw this.malformed(`it claims ${value} ${what}, and at most ${max} are read`);
  }

  string(max: number, what: string): string {
    const length = this.count(max, `bytes of ${what}`);
    const start = this.step(length);
    return utf8.decode(this.bytes.subarray(start, start + length));
  }

  /** The next bytes, as a copy of their own. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const start = this.step(length);
    return this.bytes.slice(start, start + length);
  }

  strings(count: number): StringList {
    const start = this.at;
    const starts = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) {
      const length = this.count(MAX_HEADER_BYTES, 'bytes in a string');
      starts[i] = this.step(length) - start;
    }
    starts[count] = this.at - start + LENGTH_BYTES;
    return new StringList(this.bytes.slice(start, this.at), starts);
  }

  /** Moves on. @returns what holds the bytes passed over */
  private past(length: number): DataView {
    this.step(length);
    return this.view;
  }

  /** Moves on. @returns where the bytes passed over begin */
  private step(length: number): number {
    const start = this.at;
    const end = start + length;
    if (end > this.bytes.length) this.load(end);
    this.at = end;
    return start;
  }

  private load(end: number): void {
    if (end > this.source.size) {
      throw badInput(
        'truncated-file',
        `${this.file} ends within its header (${this.source.size} bytes)`,
        'The download is probably incomplete: get the file again.',
      );
    }
    if (end > MAX_HEADER_BYTES) {
      throw this.malformed(`its header has more than ${MAX_HEADER_BYTES / 2 ** 20} MiB`);
    }
    const loaded = this.bytes.length;
    const length = Math.min(this.source.size, Math.max(end, 2 * loaded, FIRST_PIECE));
    const grown = new Uint8Array(length);
    grown.set(this.bytes);
    grown.set(this.source.read(loaded, length - loaded), loaded);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
