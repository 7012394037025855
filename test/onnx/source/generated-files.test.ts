/** A model whose graph was written in memory, over weights in files. */
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { GeneratedFiles } from '../../../engine/onnx/source/generated-files';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { LARGE, opened, tensorOf, viewed, written } from './written';

describe('a model that was written in memory', () => {
  const place = written('external');
  const graph = () => {
    const builder = GraphBuilder.forViews();
    builder.externalInitializer('here', DataType.FLOAT, [4, 128], {
      location: 'data',
      offset: 0,
      length: 2048,
    });
    builder.externalInitializer('later', DataType.FLOAT, [2], { location: 'planned', offset: 4, length: 8 });
    builder.floats([7], [1], 'inline');
    return builder.finish();
  };
  const planned = join(place.folder, 'planned');
  const paths = new Map([
    ['data', place.data],
    ['planned', planned],
  ]);
  const openFiles = (plans: ConstructorParameters<typeof GeneratedFiles>[2]) => {
    const file = new OnnxFile('generated', new GeneratedFiles(graph(), paths, plans));
    opened.push(file);
    return file;
  };

  it('has its weights where they lie, and zeros where they are to be', () => {
    const file = openFiles([{ path: planned, bytes: 12 }]);
    expect(file.folder).toBe(place.folder);
    expect(file.readFloats(tensorOf(file, 'here'))).toEqual(LARGE);
    expect([...file.readFloats(tensorOf(file, 'later'))]).toEqual([0, 0]);
    expect([...file.readFloats(tensorOf(file, 'inline'))]).toEqual([7]);
    expect(file.isUnchanged).toBe(true);
    const [inline] = viewed((builder) => file.addInitializer(builder, tensorOf(file, 'inline')));
    expect(inline).toMatchObject({ name: 'inline', elements: [7] });
  });

  it('is refused where a file is missing, or is to be too short', () => {
    expect(() => openFiles([])).toThrow(
      expect.objectContaining({
        code: 'missing-file',
        message: expect.stringContaining(`${planned} is missing`),
      }),
    );
    expect(() => openFiles([{ path: planned, bytes: 11 }])).toThrow(
      expect.objectContaining({ code: 'external-data-short', hint: expect.stringContaining('damaged') }),
    );
  });

  it('reads no constant as large as a matrix', () => {
    const builder = GraphBuilder.forViews();
    const bytes = 2 ** 28 + 4;
    const at = { location: 'planned', offset: 0, length: bytes };
    builder.externalInitializer('huge', DataType.FLOAT, [bytes / 4], at);
    const files = new GeneratedFiles(builder.finish(), paths, [{ path: planned, bytes }]);
    const file = new OnnxFile('generated', files);
    opened.push(file);
    expect(() => file.readFloats(tensorOf(file, 'huge'))).toThrow(
      expect.objectContaining({ code: 'oversized-constant', message: expect.stringContaining('"huge"') }),
    );
  });

  it('knows of no other file', () => {
    const files = new GeneratedFiles(graph(), new Map());
    expect(() => files.size('data')).toThrow('no file is known as data');
    expect(() => new OnnxFile('generated', files)).toThrow('no file is known as data');
  });

  it('is told where a file was changed, and read no more once it is closed', () => {
    const file = openFiles([{ path: planned, bytes: 12 }]);
    file.close();
    expect(() => file.readFloats(tensorOf(file, 'here'))).toThrow('data is read after its model was closed');
    const other = openFiles([{ path: planned, bytes: 12 }]);
    utimesSync(place.data, 1, 1);
    expect(() => other.checkUnchanged()).toThrow(expect.objectContaining({ code: 'model-changed' }));
  });
});
