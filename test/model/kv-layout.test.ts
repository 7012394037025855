/** What a graph must say of its key-value cache, and what config.json may add. */
import { expect, it } from 'vitest';
import { ModelConfig } from '../../engine/config/config';
import { KvLayout } from '../../engine/model/kv-cache';
import { DataType } from '../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../engine/onnx/proto/parse-model';

type Dims = readonly (number | string)[];
const PAST = 'past_key_values.0.key';

function layout(dims: Dims, config: object = {}, present = 'present.0.key', type: number = DataType.FLOAT) {
  const builder = new GraphBuilder();
  builder.node('Identity', [builder.input(PAST, type, dims)], {}, present);
  builder.output(present, type, dims);
  const bytes = builder.finish();
  const model = readOnnxModel({
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
  return new KvLayout(model, ModelConfig.parse(config)).slots[0]!;
}

it.each<[string, Dims, object, number[], number]>([
  ['fixed sizes', ['batch', 4, 'past', 8], {}, [0, 4, 0, 8], 2],
  ['the length before the heads', ['batch', 'past', 4, 8], {}, [0, 0, 4, 8], 1],
  [
    'heads and their size by name',
    ['batch', 'num_heads', 'past', 'size'],
    { num_attention_heads: 4, hidden_size: 64 },
    [0, 4, 0, 16],
    2,
  ],
  [
    'fewer heads for keys, of a size of their own',
    ['batch', 'heads', 'past', 'size'],
    { num_attention_heads: 4, num_key_value_heads: 2, hidden_size: 64, head_dim: 32 },
    [0, 2, 0, 32],
    2,
  ],
])('with %s', (_, dims, config, sizes, lengthAxis) => {
  expect(layout(dims, config)).toMatchObject({ past: PAST, dims: sizes, lengthAxis });
});

it.each<[string, () => unknown, RegExp]>([
  ['no length', () => layout(['batch', 4, 16, 8]), /not shaped like a cache: \[batch, 4, 16, 8\]/],
  [
    'sizes that nothing tells',
    () => layout(['batch', 'heads', 'past', 8]),
    /does not tell the size of axis 1/,
  ],
  [
    'heads that do not divide it',
    () => layout(['b', 'heads', 'past', 'size'], { num_attention_heads: 3, hidden_size: 64 }),
    /not shaped/,
  ],
  [
    'no output to go on with',
    () => layout(['batch', 4, 'past', 8], {}, 'other'),
    /no output "present.0.key"/,
  ],
  ['integers', () => layout(['batch', 4, 'past', 8], {}, 'present.0.key', DataType.INT64), /is int64/],
])('with %s is refused', (_, make, message) => {
  expect(make).toThrow(
    expect.objectContaining({ kind: 'input', code: 'kv-cache', message: expect.stringMatching(message) }),
  );
});
