/** The protobuf wire format, byte by byte, against the examples of protobuf's own documentation. */
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../../engine/onnx/proto/byte-source';
import { type Field, WireReader } from '../../../engine/onnx/proto/wire-reader';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { EngineError } from '../../../engine/protocol';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const ofBytes = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});
const fieldsOf = (text: string): Field[] => {
  const reader = new WireReader(ofBytes(hex(text)));
  return [...reader.fields(reader.whole)];
};

describe('writing', () => {
  const written: [string, WireWriter, string][] = [
    ['Test1 { a: 150 }', new WireWriter().varint(1, 150), '08 96 01'],
    ['Test2 { b: "testing" }', new WireWriter().text(2, 'testing'), '12 07 74 65 73 74 69 6e 67'],
    ['Test3 { c { a: 150 } }', new WireWriter().message(3, (m) => m.varint(1, 150)), '1a 03 08 96 01'],
    ['-1 in ten bytes', new WireWriter().varint(1, -1), '08 ff ff ff ff ff ff ff ff ff 01'],
    ['0', new WireWriter().varint(1, 0), '08 00'],
    ['127 and 128', new WireWriter().varint(1, 127).varint(1, 128), '08 7f 08 80 01'],
    ['a field number of two bytes', new WireWriter().varint(16, 1), '80 01 01'],
    ['a float', new WireWriter().float(2, 1.5), '15 00 00 c0 3f'],
    ['two-byte UTF-8', new WireWriter().text(1, 'é'), '0a 02 c3 a9'],
    ['an empty message', new WireWriter().message(1, () => {}), '0a 00'],
  ];
  it.each(written)('%s', (_, writer, expected) => {
    expect(Buffer.from(writer.finish()).toString('hex')).toBe(expected.replaceAll(' ', ''));
  });
});

describe('reading', () => {
  it('gives varints their 64 bits and everything else its range', () => {
    expect(fieldsOf('08 96 01 12 03 61 62 63 1d 00 00 c0 3f 21 01 02 03 04 05 06 07 08')).toEqual([
      { number: 1, wire: 'varint', value: 150n },
      { number: 2, wire: 'bytes', range: { start: 5, end: 8 } },
      { number: 3, wire: 'fixed32', range: { start: 9, end: 13 } },
      { number: 4, wire: 'fixed64', range: { start: 14, end: 22 } },
    ]);
    expect(fieldsOf('08 ff ff ff ff ff ff ff ff ff 01')[0]).toMatchObject({ value: 2n ** 64n - 1n });
  });

  it('reads packed numbers as signed', () => {
    const reader = new WireReader(ofBytes(hex('01 ac 02 ff ff ff ff ff ff ff ff ff 01')));
    expect([...reader.packedVarints(reader.whole)]).toEqual([1n, 300n, -1n]);
  });

  it('never touches a payload that is not asked for', () => {
    const length = 2 ** 40;
    const head = new WireWriter().varint(1, 7).bytes(2, new Uint8Array(0)).finish().subarray(0, 3);
    const size = new WireWriter().varint(1, length).finish().subarray(1);
    const bytes = Buffer.concat([head, size]);
    const reader = new WireReader({
      size: bytes.length + length,
      read: (offset, count) => {
        expect(offset).toBeLessThan(bytes.length);
        return bytes.subarray(offset, offset + count);
      },
    });
    const fields = [...reader.fields(reader.whole)];
    expect(fields[1]).toEqual({
      number: 2,
      wire: 'bytes',
      range: { start: bytes.length, end: bytes.length + length },
    });
  });

  it.each([
    ['a number that stops in the middle', '08 96'],
    ['a number without an end', '08 ff ff ff ff ff ff ff ff ff ff 01'],
    ['a payload past the end', '12 07 74 65'],
    ['a length beyond all files', '12 ff ff ff ff ff ff ff ff ff 01'],
    ['a fixed number past the end', '1d 00 00'],
    ['field number 0', '00 01'],
    ['a field number too large', '80 80 80 80 80 01 01'],
    ['a group, which proto3 does not have', '0b 0c'],
    ['wire type 7', '0f 00'],
  ])('refuses %s', (_, bytes) => {
    expect(() => fieldsOf(bytes)).toThrow(EngineError);
  });
});
