/** What views and readers take from a model's tensors, wherever these lie. */
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import type { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import type { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { bytesOf, LARGE, open, tensorOf, viewed, written } from './written';

describe.each(['inline', 'external'] as const)('tensors that are %s', (place) => {
  it('are mapped into a view where they lie, small ones copied', () => {
    const { path } = written(place);
    const file = open(path);
    const start = place === 'external' ? 0 : rangeOf(file, 'large');
    const location = place === 'external' ? 'data' : 'model.onnx';
    const [large, small] = viewed((builder) => {
      expect(file.addInitializer(builder, tensorOf(file, 'large'))).toBe('large');
      file.addInitializer(builder, tensorOf(file, 'small'));
    });
    const at = { kind: 'external', location, offset: start, length: LARGE.byteLength };
    expect(large).toMatchObject({ name: 'large', dims: [4, 128], dataType: DataType.FLOAT, payload: at });
    expect(small).toMatchObject({ name: 'small', dims: [2], elements: [1.5, -2] });
  });

  it('are added by rows, in another shape if need be', () => {
    const file = open(written(place).path);
    const large = tensorOf(file, 'large');
    const start = place === 'external' ? 0 : rangeOf(file, 'large');
    const found = viewed((builder) => {
      file.addRows(builder, large, 1, 2);
      file.addRows(builder, large, 3, 1);
      file.addRows(builder, large, 0, 4);
      file.addRows(builder, large, 0, 4, [2, 2, 128]);
    });
    expect(found).toMatchObject([
      { name: 'large[1:3]', dims: [2, 128], payload: { offset: start + 512, length: 1024 } },
      { name: 'large[3:4]', dims: [1, 128], elements: [...LARGE.subarray(384)] },
      { name: 'large', dims: [4, 128], payload: { offset: start, length: 2048 } },
      { name: 'large[0:4]', dims: [2, 2, 128], payload: { offset: start, length: 2048 } },
    ]);
  });

  it('are read as numbers, whole or in part', () => {
    const file = open(written(place).path);
    const large = tensorOf(file, 'large');
    expect(file.readFloats(large)).toEqual(LARGE);
    expect(file.readRange(large, 8, 4)).toEqual(bytesOf(Float32Array.of(2)));
    expect(file.contents(tensorOf(file, 'small'))).toMatchObject({
      dims: [2],
      payload: bytesOf(Float32Array.of(1.5, -2)),
    });
    expect(file.contents(large)).toMatchObject({ payload: large.payload });
  });
});

it('what a tensor holds is told by its elements below 1 KiB, by their place from there on, by a number itself', () => {
  const file = open(
    written('inline', (b) => {
      b.floats(new Float32Array(255), [255], 'below');
      b.floats(new Float32Array(256), [256], 'from there');
    }).path,
  );
  expect(file.contents(tensorOf(file, 'below'))).toMatchObject({ payload: new Uint8Array(1020) });
  const place = tensorOf(file, 'from there');
  expect(file.contents(place)).toMatchObject({ payload: place.payload });
  expect(viewed((builder) => file.addInitializer(builder, place)).map(({ payload }) => payload.kind)).toEqual(
    ['external'],
  );
  const number = { ...place, dims: [], payload: { kind: 'number', value: 0.5 } } as const;
  expect(file.contents(number)).toMatchObject({ dims: [], payload: { kind: 'number', value: 0.5 } });
});

it('a number that a node holds is read as one, and has no elements', () => {
  const file = open(written('inline').path);
  const number = { ...tensorOf(file, 'small'), dims: [], payload: { kind: 'number', value: 0.5 } } as const;
  expect([...file.readFloats(number)]).toEqual([0.5]);
  expect(() => file.readElements(number)).toThrow(expect.objectContaining({ code: 'typed-tensor' }));
});

it('a proto that is too large to copy is refused before it is read', () => {
  const file = open(written('inline').path);
  expect(() => file.bytes({ start: 0, end: 2 ** 28 + 1 })).toThrow(
    expect.objectContaining({
      code: 'oversized-proto',
      message: expect.stringContaining('model.onnx holds'),
    }),
  );
  expect(() => file.bytes({ start: 0, end: 2 ** 28 })).toThrow('ends too early');
});

function rangeOf(file: OnnxFile, name: string): number {
  const { payload } = tensorOf(file, name);
  if (payload.kind !== 'inline') throw new Error(payload.kind);
  return payload.range.start;
}

describe('typed elements', () => {
  const typed = (write: (tensor: WireWriter) => WireWriter) => (builder: GraphBuilder) =>
    void builder.copiedInitializer('typed', write(new WireWriter().text(8, 'typed')).finish());

  it('of float16 are read, and copied into views with their proto', () => {
    const halves = typed((t) =>
      t.varint(1, 2).varint(2, DataType.FLOAT16).varint(5, 0x3c00).varint(5, 0xc000),
    );
    const file = open(written('inline', halves).path);
    expect([...file.readFloats(tensorOf(file, 'typed'))]).toEqual([1, -2]);
    expect(viewed((builder) => file.addInitializer(builder, tensorOf(file, 'typed')))).toMatchObject([
      { name: 'typed', dims: [2], payload: { kind: 'typed' } },
    ]);
    expect(file.contents(tensorOf(file, 'typed'))).toEqual({
      dims: [2],
      dataType: DataType.FLOAT16,
      range: tensorOf(file, 'typed').range,
    });
  });

  it('of another type are refused where they are to be read', () => {
    const file = open(
      written(
        'inline',
        typed((t) => t.varint(1, 1).varint(2, DataType.INT64).varint(7, 1)),
      ).path,
    );
    const read = () => file.readFloats(tensorOf(file, 'typed'));
    expect(read).toThrow(expect.objectContaining({ kind: 'input', code: 'typed-tensor' }));
  });
});
