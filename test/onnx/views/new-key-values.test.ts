/** Which graphs give the keys and values of a call's own tokens apart. */
import { expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { groupedPresents } from '../../../engine/onnx/views/new-key-values';

interface Changes {
  readonly operator?: string;
  readonly mask?: string;
  readonly alsoRead?: string;
  readonly alsoOutput?: string;
}

/** A layer whose value comes before its key among the inputs. */
function presents({ operator = 'GroupQueryAttention', mask = 'attention_mask', ...more }: Changes = {}) {
  const builder = GraphBuilder.forViews();
  const dims = ['batch', 2, 'past', 4];
  const ids = builder.input('input_ids', DataType.INT64, ['batch', 'sequence']);
  const value = builder.input('past_key_values.0.value', DataType.FLOAT, dims);
  const key = builder.input('past_key_values.0.key', DataType.FLOAT, dims);
  builder.input(mask, DataType.INT64, ['batch', 'total']);
  const outputs = ['attended', 'present.0.key', 'present.0.value'];
  builder.microsoftNodes(operator, [ids, '', '', key, value, 'lengths', 'total'], outputs, {});
  if (more.alsoRead) builder.node('Shape', [more.alsoRead], {}, 'length');
  for (const name of ['logits', ...outputs.slice(1), ...(more.alsoOutput ? [more.alsoOutput] : [])])
    builder.output(name, DataType.FLOAT, dims);
  const bytes = builder.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return groupedPresents(readOnnxModel({ size: bytes.length, read }));
}

it('finds them in the order of the inputs', () => {
  expect(presents()).toEqual(['present.0.value', 'present.0.key']);
});

it.each<[string, Changes]>([
  ['another attention', { operator: 'MultiHeadAttention' }],
  ['no attention mask', { mask: 'mask' }],
  ['a past whose length is read', { alsoRead: 'past_key_values.0.key' }],
  ['a cache of another kind beside it', { alsoOutput: 'present.0.state' }],
])('finds none with %s', (_, changes) => {
  expect(presents(changes)).toBeUndefined();
});
