/** Rows of a key-value cache on their way from one batch to another: each keeps its own tokens, on its own side. */
import { describe, expect, it } from 'vitest';
import { ModelConfig } from '../../engine/config/config';
import { KvCache, KvLayout } from '../../engine/model/kv-cache';
import { DataType } from '../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../engine/onnx/proto/parse-model';
import { floats, halves, type Tensor } from '../../engine/onnx/runtime/session';

const KEY = 'past_key_values.0.key';
const VALUE = 'past_key_values.0.value';

/** A key of two heads of two numbers, with the length behind the heads; a value of one head in float16, with it before. */
function layoutOf(): KvLayout {
  const builder = new GraphBuilder();
  const slot = (name: string, type: number, dims: readonly (string | number)[]) => {
    const present = name.replace('past_key_values', 'present');
    builder.node('Identity', [builder.input(name, type, dims)], {}, present);
    builder.output(present, type, dims);
  };
  slot(KEY, DataType.FLOAT, ['batch', 2, 'past', 2]);
  slot(VALUE, DataType.FLOAT16, ['batch', 'past', 1, 1]);
  const bytes = builder.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return new KvLayout(readOnnxModel({ size: bytes.length, read }), ModelConfig.parse({}));
}
const layout = layoutOf();

/** Of so many rows and tokens: a number tells its row, head and token, `row·100 + head·50 + token·2 + column`. */
function cacheOf(rows: number, columns: number, from = 0): KvCache {
  const keys: number[] = [];
  const values: number[] = [];
  for (let row = from; row < from + rows; row++) {
    for (let head = 0; head < 2; head++)
      for (let at = 0; at < columns; at++)
        for (const i of [0, 1]) keys.push(100 * row + 50 * head + 2 * at + i);
    for (let at = 0; at < columns; at++) values.push(1000 * row + at);
  }
  const tensors = {
    [KEY]: floats(Float32Array.from(keys), [rows, 2, columns, 2]),
    [VALUE]: halves(Uint16Array.from(values), [rows, columns, 1, 1]),
  };
  return new KvCache(layout, tensors, rows, columns);
}

const numbers = ({ data }: Tensor) => Array.from(data as ArrayLike<number>);
/** The numbers of each row's tokens, the first head's and then the second's. */
function keysOf({ tensors, rows, columns }: KvCache): number[][] {
  const all = numbers(tensors[KEY]!);
  return Array.from({ length: rows }, (_, row) => all.slice(row * 4 * columns, (row + 1) * 4 * columns));
}
function valuesOf({ tensors, rows, columns }: KvCache): number[][] {
  const all = numbers(tensors[VALUE]!);
  return Array.from({ length: rows }, (_, row) => all.slice(row * columns, (row + 1) * columns));
}

describe('rows of several caches', () => {
  const rows = [
    { cache: cacheOf(2, 3), row: 1, length: 2 },
    { cache: cacheOf(1, 3, 5), row: 0, length: 3 },
  ];

  it('padded at the left end together', () => {
    const gathered = layout.gather(rows, 'left');
    expect(gathered).toMatchObject({ rows: 2, columns: 3 });
    expect(keysOf(gathered)).toEqual([
      // The last two of its three: the first was padding.
      [0, 0, 102, 103, 104, 105, 0, 0, 152, 153, 154, 155],
      [500, 501, 502, 503, 504, 505, 550, 551, 552, 553, 554, 555],
    ]);
    expect(valuesOf(gathered)).toEqual([
      [0, 1001, 1002],
      [5000, 5001, 5002],
    ]);
    expect(gathered.tensors[KEY]!.dims).toEqual([2, 2, 3, 2]);
    expect(gathered.tensors[VALUE]).toMatchObject({ type: 'float16', dims: [2, 3, 1, 1] });
    expect(gathered.byteLength).toBe(4 * 24 + 2 * 6);
  });

  it('padded at the right begin together', () => {
    const gathered = layout.gather(rows, 'right');
    expect(keysOf(gathered)).toEqual([
      [100, 101, 102, 103, 0, 0, 150, 151, 152, 153, 0, 0],
      [500, 501, 502, 503, 504, 505, 550, 551, 552, 553, 554, 555],
    ]);
    expect(valuesOf(gathered)).toEqual([
      [1000, 1001, 0],
      [5000, 5001, 5002],
    ]);
  });

  it('are as long as the longest, shorter than the caches that they come from', () => {
    const shorter = layout.gather(
      rows.map((row) => ({ ...row, length: 1 })),
      'right',
    );
    expect(shorter.columns).toBe(1);
    expect(keysOf(shorter)).toEqual([
      [100, 101, 150, 151],
      [500, 501, 550, 551],
    ]);
  });
});

it('rows of one cache are chosen, again and in another order, and the same ones are the same cache', () => {
  const cache = cacheOf(3, 2);
  expect(cache.select([0, 1, 2])).toBe(cache);
  expect(valuesOf(cache.select([2, 0, 2]))).toEqual([
    [2000, 2001],
    [0, 1],
    [2000, 2001],
  ]);
  expect(valuesOf(cache.select([0, 1]))).toEqual([
    [0, 1],
    [1000, 1001],
  ]);
});

it('a beginning is its first tokens', () => {
  expect(keysOf(cacheOf(1, 3).truncate(2))).toEqual([[0, 1, 2, 3, 50, 51, 52, 53]]);
});

it('an empty cache has no tokens, and goes on with what the graph gives', () => {
  const empty = layout.empty(2);
  expect(empty).toMatchObject({ rows: 2, columns: 0, byteLength: 0 });
  expect(empty.tensors[KEY]!.dims).toEqual([2, 2, 0, 2]);
  expect(empty.tensors[VALUE]).toMatchObject({ type: 'float16', dims: [2, 0, 1, 1] });
  const { tensors } = cacheOf(2, 1);
  const next = layout.advance(
    { 'present.0.key': tensors[KEY]!, 'present.0.value': tensors[VALUE]!, logits: tensors[KEY]! },
    2,
    1,
  );
  expect(next.tensors).toEqual(tensors);
  expect(layout.layers).toBe(1);
});
