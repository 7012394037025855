/**
 * The protobuf wire format, read without loading what is not asked for.
 * https://protobuf.dev/programming-guides/encoding/
 */
import { badInput } from '../../protocol';
import type { ByteSource, Range } from './byte-source';
import { BYTES, FIXED32, FIXED64, VARINT } from './wire-types';

/** A field of a message: a varint, or the range of its payload (4, 8 or a declared number of bytes). */
export type Field =
  | { readonly number: number; readonly wire: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly wire: 'fixed32' | 'fixed64' | 'bytes'; readonly range: Range };

const MAX_VARINT_BYTES = 10;

/** Names and operators: the longest in real exports have a few hundred bytes. */
export const MAX_TEXT_LENGTH = 64 * 1024;
/**
 * What reading one file may cost, in bytes of heap as far as they can be told beforehand. A node with its names costs
 * 1 to 3 kB and the largest exports have some ten thousand; beyond this a file declares what no language model has.
 */
const BUDGET = 128 * 2 ** 20;
const MESSAGE_COST = 320;
const FIELD_COST = 48;
const TEXT_COST = 32;
const INTEGER_COST = 32;

function malformed(what: string, offset: number): never {
  throw badInput('malformed-onnx', `not a readable ONNX file: ${what} at byte ${offset}`);
}

export class WireReader {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private budget = BUDGET;

  constructor(private readonly source: ByteSource) {}

  get whole(): Range {
    return { start: 0, end: this.source.size };
  }

  /** The fields of the message in `range`, in file order. Payloads are not read. */
  *fields(range: Range): Generator<Field> {
    let at = range.start;
    this.spend(MESSAGE_COST);
    while (at < range.end) {
      this.spend(FIELD_COST);
      const key = this.varint(at, range.end);
      at = key.next;
      const number = Number(key.value >> 3n);
      const wire = Number(key.value & 7n);
      if (number === 0 || number > 0x1fff_ffff) malformed('an invalid field number', at);
      if (wire === VARINT) {
        const { value, next } = this.varint(at, range.end);
        yield { number, wire: 'varint', value };
        at = next;
        continue;
      }
      const { length, next } = this.payloadLength(wire, at, range.end);
      if (length > range.end - next) malformed(`a field of ${length} bytes that runs past the end`, next);
      const kind = wire === BYTES ? 'bytes' : wire === FIXED32 ? 'fixed32' : 'fixed64';
      yield { number, wire: kind, range: { start: next, end: next + length } };
      at = next + length;
    }
  }

  bytes(range: Range): Uint8Array {
    return this.source.read(range.start, range.end - range.start).slice();
  }

  text(range: Range): string {
    const length = range.end - range.start;
    if (length > MAX_TEXT_LENGTH) malformed(`a name of ${length} bytes`, range.start);
    this.spend(TEXT_COST + length);
    return this.decoder.decode(this.source.read(range.start, length));
  }

  /** The varints of a packed repeated field, as signed 64-bit integers. */
  *packedVarints(range: Range): Generator<bigint> {
    let at = range.start;
    while (at < range.end) {
      this.spend(INTEGER_COST);
      const { value, next } = this.varint(at, range.end);
      yield BigInt.asIntN(64, value);
      at = next;
    }
  }

  private spend(cost: number): void {
    this.budget -= cost;
    if (this.budget >= 0) return;
    throw badInput(
      'oversized-structure',
      'not a language model: it declares too many nodes, tensors or names',
    );
  }

  private payloadLength(wire: number, at: number, end: number): { length: number; next: number } {
    if (wire === FIXED32) return { length: 4, next: at };
    if (wire === FIXED64) return { length: 8, next: at };
    if (wire !== BYTES) malformed(`an unknown wire type ${wire}`, at);
    const { value, next } = this.varint(at, end);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) malformed('an impossible length', at);
    return { length: Number(value), next };
  }

  private varint(at: number, end: number): { value: bigint; next: number } {
    const bytes = this.source.read(at, Math.min(MAX_VARINT_BYTES, end - at));
    const first = bytes[0] ?? 0x80;
    const second = bytes[1] ?? 0x80;
    // Most are short, and arithmetic on bigints is slow.
    if (first < 0x80) return { value: BigInt(first), next: at + 1 };
    if (second < 0x80) return { value: BigInt((first & 0x7f) | (second << 7)), next: at + 2 };
    let value = 0n;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return { value, next: at + i + 1 };
    }
    return malformed('a truncated number', at);
  }
}
