/** Where the ONNX reader finds a tensor's elements: raw, typed or in another file, hand-encoded by onnx.proto. */
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { decodeFloats } from '../../../engine/onnx/proto/float-data';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { readInt32Data } from '../../../engine/onnx/proto/parse-tensor';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { modelOf, ofBytes, read } from './hand-encoded';

describe('a tensor', () => {
  it('with raw_data (9) has the range of its elements, dims packed or not', () => {
    const raw = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const bytes = modelOf((graph) => {
      graph.message(5, (t) => t.varint(1, 2).varint(1, 1).varint(2, 1).text(8, 'w').bytes(9, raw));
      graph.message(5, (t) => t.bytes(1, Uint8Array.of(2, 1)).varint(2, 1).text(8, 'packed').bytes(9, raw));
    });
    const { initializers } = readOnnxModel(ofBytes(bytes));
    const { payload, ...tensor } = initializers.get('w')!;
    expect(tensor).toMatchObject({ dims: [2, 1], dataType: DataType.FLOAT });
    if (payload.kind !== 'inline') throw new Error(payload.kind);
    expect(bytes.subarray(payload.range.start, payload.range.end)).toEqual(raw);
    expect(initializers.get('packed')!.dims).toEqual([2, 1]);
  });

  it('with external data (13, 14) has place, offset and length, or leaves the length to its shape', () => {
    const { initializers } = read((graph) => {
      const external = (name: string, entries: Record<string, string>) =>
        graph.message(5, (t) => {
          t.varint(1, 3).varint(2, 1).text(8, name);
          for (const [key, value] of Object.entries(entries)) {
            t.message(13, (entry) => entry.text(1, key).text(2, value));
          }
          t.varint(14, 1);
        });
      external('all', { location: 'm.onnx_data', offset: '4096', length: '12', checksum: 'x' });
      external('least', { location: 'm.onnx_data' });
    });
    expect(initializers.get('all')!.payload).toEqual({
      kind: 'external',
      location: 'm.onnx_data',
      offset: 4096,
      length: 12,
    });
    expect(initializers.get('least')!.payload).toEqual({
      kind: 'external',
      location: 'm.onnx_data',
      offset: 0,
    });
  });

  it.each([
    ['no location', { offset: '0' }],
    ['a negative offset', { location: 'd', offset: '-4' }],
    ['an offset that is no number', { location: 'd', offset: 'x' }],
    ['a fractional length', { location: 'd', length: '1.5' }],
    ['a length beyond all files', { location: 'd', length: '99999999999999999999' }],
  ])('with external data of %s is refused', (_, entries) => {
    const graph = (g: WireWriter) =>
      g.message(5, (t) => {
        t.varint(1, 3).varint(2, 1).text(8, 'w');
        for (const [key, value] of Object.entries(entries))
          t.message(13, (e) => e.text(1, key).text(2, value));
        t.varint(14, 1);
      });
    expect(() => read(graph)).toThrow(expect.objectContaining({ code: 'malformed-onnx' }));
  });

  it('with packed float_data (4) is as good as raw; other typed fields are to be copied', () => {
    const floats = new Uint8Array(Float32Array.of(1, -2).buffer);
    const bytes = modelOf((graph) => {
      graph.message(5, (t) => t.varint(1, 2).varint(2, DataType.FLOAT).bytes(4, floats).text(8, 'floats'));
      graph.message(5, (t) =>
        t.varint(1, 2).varint(2, DataType.INT64).bytes(7, Uint8Array.of(1, 2)).text(8, 'i'),
      );
    });
    const { initializers } = readOnnxModel(ofBytes(bytes));
    const { payload } = initializers.get('floats')!;
    if (payload.kind !== 'inline') throw new Error(payload.kind);
    expect(bytes.subarray(payload.range.start, payload.range.end)).toEqual(floats);
    expect(initializers.get('i')!.payload).toEqual({ kind: 'typed' });
  });

  it('has its elements in another file only where it says so', () => {
    for (const [place, kind] of [
      [0, 'typed'],
      [1, 'external'],
      [2, 'typed'],
    ] as const) {
      const { initializers } = read((g) =>
        g.message(5, (t) =>
          t
            .text(8, 'w')
            .message(13, (e) => e.text(1, 'location').text(2, 'd'))
            .varint(14, place),
        ),
      );
      expect(initializers.get('w')!.payload.kind).toBe(kind);
    }
  });

  it('is typed where its floats are not packed, or of another type than float32', () => {
    const { initializers } = read((g) =>
      g
        .message(5, (t) => t.varint(2, DataType.FLOAT).text(8, 'one by one').float(4, 1))
        .message(5, (t) => t.varint(2, DataType.DOUBLE).text(8, 'double').bytes(4, new Uint8Array(4))),
    );
    expect([...initializers.values()].map(({ payload }) => payload.kind)).toEqual(['typed', 'typed']);
  });

  it('may have 16 dims, and none of them need have elements', () => {
    const dims = new Uint8Array(16).fill(1);
    const { initializers } = read((g) =>
      g.message(5, (t) => t.bytes(1, dims).text(8, 'w')).message(5, (t) => t.varint(1, 0).text(8, 'none')),
    );
    expect([...initializers.values()].map((tensor) => tensor.dims)).toEqual([[...dims], [0]]);
    expect(() =>
      read((g) => g.message(5, (t) => t.bytes(1, new Uint8Array(17).fill(1)).text(8, 'w'))),
    ).toThrow(`tensor "w" has an impossible shape [${[...dims].join(', ')}]`);
  });

  it('of negative size is refused', () => {
    expect(() => read((g) => g.message(5, (t) => t.varint(1, -2).varint(2, 1).text(8, 'w')))).toThrow('"w"');
  });

  it('gives int32_data packed and unpacked, however long', () => {
    const count = 300_000;
    const packed = new WireWriter().bytes(5, new Uint8Array(count).fill(7)).varint(5, 9).finish();
    const values = readInt32Data(packed);
    expect([values.length, values[0], values.at(-1)]).toEqual([count + 1, 7, 9]);
  });
});

describe('floats of 16 bits', () => {
  const halves = (bits: readonly number[], dataType: number) => {
    return decodeFloats(new Uint8Array(Uint16Array.from(bits).buffer), { name: 'scales', dataType });
  };

  it('are those of IEEE 754, the smallest ones, infinities and NaN included', () => {
    const bits = [0x0001, 0x03ff, 0x0400, 0x8001, 0x3555, 0xc000, 0x7bff, 0x7c00, 0xfc00, 0x8000, 0x7e00];
    expect([...halves(bits, DataType.FLOAT16)]).toEqual([
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      -(2 ** -24),
      0.333251953125,
      -2,
      65504,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      Number.NaN,
    ]);
  });

  it('with the exponents of 32 have the upper half of their bits', () => {
    expect([...halves([0x3f80, 0xc040, 0x0001, 0xff80], DataType.BFLOAT16)]).toEqual([
      1,
      -3,
      2 ** -133,
      Number.NEGATIVE_INFINITY,
    ]);
  });
});
