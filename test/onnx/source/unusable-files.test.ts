/** Files that cannot be a model: each is named, with what is wrong and what to do. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import type { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { open, root, written } from './written';

describe('a file that cannot be used', () => {
  const refusal = (path: string) => {
    try {
      open(path);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it('is named where it is missing, short, damaged or of another kind', () => {
    expect(refusal(join(root, 'nowhere.onnx'))).toMatchObject({
      code: 'missing-file',
      hint: 'Download it again.',
    });
    const cut = written('inline');
    writeFileSync(cut.path, new WireWriter().varint(1, 8).finish());
    expect(refusal(cut.path)).toMatchObject({
      code: 'malformed-onnx',
      message: expect.stringContaining(`${cut.path}: not an ONNX model`),
      hint: expect.stringContaining('download is probably incomplete'),
    });
    const sparse = written('inline');
    writeFileSync(
      sparse.path,
      new WireWriter()
        .message(7, (g) => g.message(15, () => {}))
        .message(8, (o) => o.varint(2, 17))
        .finish(),
    );
    expect(refusal(sparse.path)).toMatchObject({ code: 'sparse-tensor', hint: '' });
  });

  it('is named where a tensor has not the size of its shape', () => {
    const wrong = (dataType: number, length: number) =>
      refusal(written('inline', (b) => void b.initializer('w', dataType, [3], new Uint8Array(length))).path);
    expect(wrong(DataType.FLOAT, 12)).toBeUndefined();
    expect(wrong(DataType.FLOAT, 11)).toMatchObject({
      code: 'wrong-size',
      message: expect.stringContaining('tensor "w" should hold 12 bytes but 11 are there'),
      hint: expect.stringContaining('incomplete'),
    });
    const type = (b: GraphBuilder) =>
      void b.copiedInitializer(
        's',
        new WireWriter()
          .text(8, 's')
          .varint(1, 1)
          .varint(2, DataType.STRING)
          .bytes(9, Uint8Array.of(1))
          .finish(),
      );
    expect(refusal(written('inline', type).path)).toMatchObject({
      code: 'unsupported-type',
      message: expect.stringContaining('tensor "s" has elements of string'),
    });
  });

  it('is named where its external data end before a tensor does', () => {
    const at = (offset: number, length: number) =>
      refusal(
        written(
          'external',
          (b) => void b.externalInitializer('w', DataType.FLOAT, [2], { location: 'data', offset, length }),
        ).path,
      );
    expect(at(2048, 8)).toBeUndefined();
    expect(at(2049, 8)).toMatchObject({
      code: 'external-data-short',
      message: 'data is too short: tensor "w" needs 2057 bytes, the file has 2056',
      hint: expect.stringContaining('incomplete'),
    });
    expect(at(0, 12)).toMatchObject({ code: 'wrong-size' });
  });

  it('is named with the file that it keeps weights in where that is missing', () => {
    const { path, data } = written('external');
    rmSync(data);
    expect(refusal(path)).toMatchObject({
      code: 'external-data-missing',
      message: `${data} is missing; model.onnx keeps weights in it`,
    });
  });
});
