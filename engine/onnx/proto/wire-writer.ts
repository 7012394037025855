/** The protobuf wire format, written. */
import { BYTES, FIXED32, VARINT } from './wire-types';

/** Collects one message's bytes; nested messages are written by nested writers. */
export class WireWriter {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  varint(number: number, value: number | bigint): this {
    return this.key(number, VARINT).rawVarint(BigInt.asUintN(64, BigInt(value)));
  }

  float(number: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.key(number, FIXED32).raw(bytes);
  }

  bytes(number: number, value: Uint8Array): this {
    return this.key(number, BYTES).rawVarint(BigInt(value.length)).raw(value);
  }

  text(number: number, value: string): this {
    return this.bytes(number, new TextEncoder().encode(value));
  }

  message(number: number, write: (message: WireWriter) => void): this {
    const message = new WireWriter();
    write(message);
    return this.bytes(number, message.finish());
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  private key(number: number, wire: number): this {
    return this.rawVarint(BigInt((number << 3) | wire));
  }

  private rawVarint(value: bigint): this {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    return this.raw(Uint8Array.from(bytes));
  }

  private raw(bytes: Uint8Array): this {
    this.chunks.push(bytes);
    this.length += bytes.length;
    return this;
  }
}
