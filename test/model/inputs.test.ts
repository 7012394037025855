/** What a graph is fed beside its key-value cache, by the names and types that exporters give. */
import { describe, expect, it } from 'vitest';
import { checkInputs, feedsFor, type Tokens } from '../../engine/model/inputs';
import { DataType } from '../../engine/onnx/proto/data-type';

const input = (name: string, elemType: number, dims: readonly (number | string)[] = []) => ({
  name,
  elemType,
  dims,
  range: { start: 0, end: 0 },
});
const TOKENS: Tokens = { ids: [[7, 8]], past: 3 };

function fed(name: string, elemType: number, tokens = TOKENS, dims: readonly (number | string)[] = []) {
  const tensor = feedsFor([input(name, elemType, dims)], tokens)[name]!;
  return [tensor.type, Array.from(tensor.data as Iterable<number | bigint>, Number), tensor.dims];
}

describe('a feed', () => {
  it.each([
    ['input_ids', DataType.INT64, ['int64', [7, 8], [1, 2]]],
    ['input_ids', DataType.INT32, ['int32', [7, 8], [1, 2]]],
    ['attention_mask', DataType.INT64, ['int64', [1, 1, 1, 1, 1], [1, 5]]],
    ['attention_mask', DataType.FLOAT, ['float32', [1, 1, 1, 1, 1], [1, 5]]],
    ['position_ids', DataType.INT64, ['int64', [3, 4], [1, 2]]],
    ['past_sequence_length', DataType.INT32, ['int32', [3], []]],
    ['total_sequence_length', DataType.INT32, ['int32', [5], []]],
    ['num_logits_to_keep', DataType.INT64, ['int64', [0], []]],
    ['logits_to_keep', DataType.INT64, ['int64', [0], []]],
    ['use_cache_branch', DataType.BOOL, ['bool', [1], [1]]],
  ] as const)('of %s as type %i', (name, type, expected) => {
    expect(fed(name, type)).toEqual(expected);
  });

  it('is a list of one where the graph has one axis, and says whether there is a cache', () => {
    expect(fed('total_sequence_length', DataType.INT32, TOKENS, [1])).toEqual(['int32', [5], [1]]);
    expect(fed('use_cache_branch', DataType.BOOL, { ...TOKENS, past: 0 })).toEqual(['bool', [0], [1]]);
    // Several numbers keep their axes, whatever the graph says of them.
    expect(fed('input_ids', DataType.INT64, TOKENS, ['tokens'])).toEqual(['int64', [7, 8], [1, 2]]);
  });

  it('leaves out padding, on the side that it is on', () => {
    const rows = { ids: [[7], [8]], past: 3 };
    const left = { ...rows, padded: { lengths: [3, 1], side: 'left' as const } };
    expect(fed('attention_mask', DataType.INT64, left)[1]).toEqual([1, 1, 1, 1, 0, 0, 1, 1]);
    expect(fed('position_ids', DataType.INT64, left)[1]).toEqual([3, 1]);
    const right = { ...rows, padded: { lengths: [3, 1], side: 'right' as const } };
    // The new token takes the first place of the padding.
    expect(fed('attention_mask', DataType.INT64, right)[1]).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
  });
});

it.each([
  ['a name', input('pixel_values', DataType.FLOAT), /an input "pixel_values", which is not supported/],
  ['a type', input('input_ids', DataType.FLOAT16), /an input "input_ids" of float16/],
  ['a number of axes', input('input_ids', DataType.INT64, [1, 1, 1]), /"input_ids" with 3 axes/],
])('%s that cannot be fed is named', (_, wrong, message) => {
  expect(() => checkInputs([wrong])).toThrow(message);
});
