/** Caches that go on from each other: each holds its own tokens, whatever is written behind another's. */
import { expect, it } from 'vitest';
import { ModelConfig } from '../../engine/config/config';
import { type KvCache, KvLayout } from '../../engine/model/kv-cache';
import { DataType } from '../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../engine/onnx/proto/parse-model';

const HEADS = { key: 2, value: 1 };
const SIZE = 2;
const past = (part: string) => `past_key_values.0.${part}`;

function makeLayout(): KvLayout {
  const builder = new GraphBuilder();
  for (const [part, heads] of Object.entries(HEADS)) {
    const dims = ['batch', heads, 'past', SIZE];
    builder.node('Identity', [builder.input(past(part), DataType.FLOAT, dims)], {}, `present.0.${part}`);
    builder.output(`present.0.${part}`, DataType.FLOAT, dims);
  }
  const bytes = builder.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return new KvLayout(readOnnxModel({ size: bytes.length, read }), ModelConfig.parse({}));
}

const layout = makeLayout();

/**
 * A cache that went on with these ids of each row, written as GroupQueryAttention writes them: at their place in the
 * tensors that it is given. Every head tells id, row and head.
 */
function wrote(cache: KvCache, ...ids: number[][]): KvCache {
  const next = cache.grown(ids[0]!.length);
  for (const [part, heads] of Object.entries(HEADS)) {
    const tensor = next.tensors[past(part)]!;
    expect(next.presents[`present.0.${part}`]).toBe(tensor);
    const data = tensor.data as Float32Array;
    const room = tensor.dims[2]!;
    for (const [row, added] of ids.entries())
      for (let head = 0; head < heads; head++)
        for (const [i, id] of added.entries()) {
          const own = part === 'key' ? head : HEADS.key + head;
          const at = ((row * heads + head) * room + cache.columns + i) * SIZE;
          data.set([100 * id + 10 * row + own, -id], at);
        }
  }
  return next;
}

/** The ids of every row, by what each head of it holds. */
function idsOf(cache: KvCache): number[][] {
  const whole = cache.select(Array.from({ length: cache.rows }, (_, row) => row));
  return Array.from({ length: whole.rows }, (_, row) => {
    const lists = Object.entries(HEADS).flatMap(([part, heads]) => {
      const { data, dims } = whole.tensors[past(part)]!;
      const room = dims[2]!;
      return Array.from({ length: heads }, (_, head) =>
        Array.from({ length: whole.columns }, (_, token) => {
          const at = ((row * heads + head) * room + token) * SIZE;
          const id = -Number(data[at + 1]);
          const own = part === 'key' ? head : HEADS.key + head;
          expect(Number(data[at])).toBe(100 * id + 10 * row + own);
          return id;
        }),
      );
    });
    for (const list of lists) expect(list).toEqual(lists[0]);
    return lists[0]!;
  });
}

const start = (...ids: number[][]) => wrote(layout.empty(ids.length), ...ids);

it('holds what was before and what is new, row by row', () => {
  const cache = wrote(start([1, 2, 3], [4, 5, 6]), [7], [8]);
  expect(idsOf(cache)).toEqual([
    [1, 2, 3, 7],
    [4, 5, 6, 8],
  ]);
});

it('is written behind in place, and moves to a larger one when it is full', () => {
  let cache = start([1]);
  const ids = [1];
  const moves: number[] = [];
  for (let id = 2; id <= 1500; id++) {
    const next = wrote(cache, [id]);
    if (next.tensors !== cache.tensors) moves.push(id);
    cache = next;
    ids.push(id);
  }
  expect(idsOf(cache)).toEqual([ids]);
  // Room for 128 more each time, then for a quarter of what it is made for.
  expect(moves).toEqual([130, 259, 388, 517, 648, 811, 1015, 1270]);
});

it('goes on in two ways without either changing the other', () => {
  const prompt = start([1, 2]);
  const first = wrote(prompt, [3]);
  const second = wrote(prompt, [4]);
  const third = wrote(first, [5]);
  const fourth = wrote(second, [6]);
  expect([prompt, first, second, third, fourth].map(idsOf)).toEqual([
    [[1, 2]],
    [[1, 2, 3]],
    [[1, 2, 4]],
    [[1, 2, 3, 5]],
    [[1, 2, 4, 6]],
  ]);
});

it.each(['left', 'right'] as const)('gives its own tokens to a batch that is padded at the %s', (side) => {
  const long = start([1, 2, 3]);
  const short = wrote(start([4]), [5]);
  const both = layout.gather(
    [long, short].map((cache) => ({ cache, row: 0, length: cache.columns })),
    side,
  );
  const { data } = both.tensors[past('value')]!;
  const ids = Array.from({ length: 6 }, (_, token) => -Number(data[token * SIZE + 1]));
  expect(ids).toEqual(side === 'left' ? [1, 2, 3, -0, 4, 5] : [1, 2, 3, 4, 5, -0]);
});

it('is cut to its beginning', () => {
  expect(idsOf(start([1, 2, 3]).truncate(2))).toEqual([[1, 2]]);
});
