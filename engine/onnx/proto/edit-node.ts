/** A node of another model with one attribute changed. */
import type { ByteSource } from './byte-source';
import { writeAttribute } from './graph-protos';
import { WireReader } from './wire-reader';
import { WireWriter } from './wire-writer';

const ATTRIBUTE = 5;
const NAME = 1;

/** A NodeProto with an integer attribute set, and all else as its bytes have it. */
export function withInt(node: Uint8Array, name: string, value: number): Uint8Array {
  const wire = new WireReader(sourceOf(node));
  const edited = new WireWriter();
  for (const field of wire.fields(wire.whole)) {
    const { number } = field;
    // All of a NodeProto's fields have a length.
    if (field.wire !== 'bytes') continue;
    if (number === ATTRIBUTE && nameOf(wire, field.range) === name) continue;
    edited.bytes(number, wire.bytes(field.range));
  }
  edited.message(ATTRIBUTE, (attribute) => writeAttribute(attribute, name, { int: value }));
  return edited.finish();
}

function nameOf(wire: WireReader, attribute: { start: number; end: number }): string | undefined {
  for (const field of wire.fields(attribute)) {
    if (field.number === NAME && field.wire === 'bytes') return wire.text(field.range);
  }
  return undefined;
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}
