/** Small models on disk, with their weights inside or beside them, and what a view takes from them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import type { TensorInfo } from '../../../engine/onnx/proto/model-types';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { temporaryFolder } from '../../../fixtures/runs';

export const root = temporaryFolder();
/** Those that are closed after the tests. */
export const opened: OnnxFile[] = [];
afterAll(() => {
  for (const file of opened) file.close();
});

export const LARGE = Float32Array.from({ length: 4 * 128 }, (_, i) => i);
export const bytesOf = (values: Float32Array) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
let folders = 0;

/** A model with one large tensor [4, 128] and small ones, inline or in a file of its own. */
export function written(place: 'inline' | 'external', more: (builder: GraphBuilder) => void = () => {}) {
  const folder = join(root, `${folders++}`);
  mkdirSync(folder);
  const builder = GraphBuilder.forViews();
  const parts: [string, Float32Array][] = [
    ['large', LARGE],
    ['small', Float32Array.of(1.5, -2)],
  ];
  let offset = 0;
  const data = parts.map(([name, values]) => {
    const dims = name === 'large' ? [4, 128] : [2];
    const at = { location: 'data', offset, length: values.byteLength };
    offset += values.byteLength;
    if (place === 'inline') builder.initializer(name, DataType.FLOAT, dims, bytesOf(values));
    else builder.externalInitializer(name, DataType.FLOAT, dims, at);
    return bytesOf(values);
  });
  more(builder);
  const path = join(folder, 'model.onnx');
  writeFileSync(path, builder.finish());
  writeFileSync(join(folder, 'data'), Buffer.concat(data));
  return { folder, path, data: join(folder, 'data') };
}

export function open(path: string): OnnxFile {
  const file = new OnnxFile(path);
  opened.push(file);
  return file;
}

export const tensorOf = (file: OnnxFile, name: string): TensorInfo => file.model.initializers.get(name)!;

/** The initializers of a view. */
export function viewed(write: (builder: GraphBuilder) => void) {
  const builder = GraphBuilder.forViews();
  write(builder);
  const bytes = builder.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return [...readOnnxModel({ size: bytes.length, read }).initializers.values()].map((tensor) => {
    const { payload } = tensor;
    if (payload.kind !== 'inline') return { ...tensor, elements: undefined };
    const own = bytes.slice(payload.range.start, payload.range.end);
    return { ...tensor, elements: [...new Float32Array(own.buffer)] };
  });
}
