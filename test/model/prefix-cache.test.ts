/** What earlier turns have computed: the longest beginning that is known, kept as long as it is used. */
import { expect, it } from 'vitest';
import { ModelConfig } from '../../engine/config/config';
import { KvCache, KvLayout } from '../../engine/model/kv-cache';
import { cacheOf, PrefixCache, type Sequence } from '../../engine/model/prefix-cache';
import { DataType } from '../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../engine/onnx/proto/parse-model';
import { Tensor } from '../../engine/onnx/runtime/session';

const D = 2;
const PAST = 'past_key_values.0.key';

function layoutOfOneHead(): KvLayout {
  const dims = ['batch', 1, 'past', 1];
  const builder = new GraphBuilder();
  builder.node('Identity', [builder.input(PAST, DataType.FLOAT, dims)], {}, 'present.0.key');
  builder.output('present.0.key', DataType.FLOAT, dims);
  const bytes = builder.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return new KvLayout(readOnnxModel({ size: bytes.length, read }), ModelConfig.parse({}));
}

const layout = layoutOfOneHead();

/** Hidden states and keys that count up, so that a part of them tells where it begins and ends. */
function sequence(...ids: number[]): Sequence {
  const key = new Tensor('float32', Float32Array.from(ids), [1, 1, ids.length, 1]);
  const hidden = Float32Array.from({ length: ids.length * D }, (_, i) => ids[0]! * 1000 + i);
  return { ids, hidden, cache: new KvCache(layout, { [PAST]: key }, 1, ids.length) };
}
const always = () => true;

function holding(...sequences: Sequence[]): PrefixCache {
  const prefixes = new PrefixCache(D);
  for (const each of sequences) prefixes.add(each);
  return prefixes;
}

it('knows nothing of what was never read', () => {
  expect(holding().longest([1, 2], always)).toBeUndefined();
  expect(holding(sequence(1, 2)).longest([2, 1], always)).toBeUndefined();
});

it('gives the longest beginning, and leaves a token to run', () => {
  const prefixes = holding(sequence(1, 2, 9), sequence(1, 2, 3, 4), sequence(5, 6));
  expect(prefixes.longest([1, 2, 3, 7], always)).toMatchObject({
    ids: [1, 2, 3],
    hidden: Float32Array.of(1000, 1001, 1002, 1003, 1004, 1005),
    cache: { columns: 3 },
  });
  const { cache } = prefixes.longest([1, 2, 3, 7], always)!;
  expect(cache.tensors[PAST]).toMatchObject({ data: Float32Array.of(1, 2, 3), dims: [1, 1, 3, 1] });
  expect(prefixes.longest([1, 2, 3, 4], always)?.ids).toEqual([1, 2, 3]);
  expect(prefixes.longest([1, 2, 9, 9, 9], always)?.ids).toEqual([1, 2, 9]);
  expect(prefixes.longest([5], always)).toBeUndefined();
});

it('passes over what was computed otherwise than it would be now', () => {
  const prefixes = holding(sequence(1, 2, 3, 4), sequence(1, 2));
  expect(prefixes.longest([1, 2, 3, 4, 5], (length) => length < 3)?.ids).toEqual([1, 2]);
});

it('keeps eight, those used last, and each of them once', () => {
  const prefixes = holding(...Array.from({ length: 8 }, (_, at) => sequence(at + 1, 50)));
  for (let times = 0; times < 3; times++) expect(prefixes.longest([1, 50, 7], always)?.ids).toEqual([1, 50]);
  prefixes.add(sequence(9, 50));
  expect(prefixes.longest([2, 50, 7], always)).toBeUndefined();
  for (const first of [1, 3, 4, 5, 6, 7, 8, 9])
    expect(prefixes.longest([first, 50, 7], always)?.ids, `${first}`).toEqual([first, 50]);
});

it('has the longer one in place of its beginning', () => {
  const prefixes = holding(sequence(5, 6), sequence(1, 2), sequence(1, 2, 3));
  for (let at = 0; at < 6; at++) prefixes.add(sequence(10 + at, 50));
  expect(prefixes.longest([5, 6, 7], always)?.ids).toEqual([5, 6]);
  expect(prefixes.longest([1, 2, 3, 4], always)?.ids).toEqual([1, 2, 3]);
});

it('keeps no more than its bytes', () => {
  // 300 MiB each, as far as anybody asks.
  const large = (...ids: number[]): Sequence => {
    const { cache } = sequence(...ids);
    Object.defineProperty(cache, 'byteLength', { value: 300 * 2 ** 20 });
    return { ...sequence(...ids), cache };
  };
  const prefixes = holding(large(1, 2), large(3, 4));
  expect(prefixes.longest([1, 2, 3], always)).toBeUndefined();
  expect(prefixes.longest([3, 4, 5], always)?.ids).toEqual([3, 4]);
});

it('is of this machine: what was read by another model has no cache here', () => {
  const here = sequence(1);
  expect(cacheOf(here)).toBe(here.cache);
  expect(() => cacheOf({ ids: [1], hidden: new Float32Array(D) })).toThrow('read by another model');
});

it('refuses a cache of numbers that are neither float32 nor float16', () => {
  const tensors = { a: new Tensor('int32', Int32Array.of(1), [1]) };
  expect(() => new KvCache(layout, tensors, 1, 1).byteLength).toThrow(/unexpected type/);
});
