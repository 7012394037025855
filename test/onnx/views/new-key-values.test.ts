/** Which graphs give the keys and values of a call's own tokens apart, and that they are these. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder, MICROSOFT } from '../../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { floatData, floats, ints, ViewSession } from '../../../engine/onnx/runtime/session';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { backboneView } from '../../../engine/onnx/views/backbone-view';
import { groupedPresents } from '../../../engine/onnx/views/new-key-values';

interface Changes {
  readonly operator?: string;
  readonly domain?: string;
  readonly ids?: string;
  readonly mask?: string;
  readonly readBefore?: string;
  readonly alsoRead?: string;
  readonly branchReads?: string;
  readonly alsoOutput?: string;
}

/** A layer whose value comes before its key among the inputs. */
function presents({
  operator = 'GroupQueryAttention',
  ids: name = 'input_ids',
  mask = 'attention_mask',
  ...more
}: Changes = {}) {
  const builder = GraphBuilder.forViews();
  const dims = ['batch', 2, 'past', 4];
  const ids = builder.input(name, DataType.INT64, ['batch', 'sequence']);
  const value = builder.input('past_key_values.0.value', DataType.FLOAT, dims);
  const key = builder.input('past_key_values.0.key', DataType.FLOAT, dims);
  builder.input(mask, DataType.INT64, ['batch', 'total']);
  const outputs = ['attended', 'present.0.key', 'present.0.value'];
  if (more.readBefore) builder.node('Shape', [more.readBefore], {}, 'before');
  const attention = new WireWriter();
  for (const input of [ids, '', '', key, value, 'lengths', 'total']) attention.text(1, input);
  for (const output of outputs) attention.text(2, output);
  builder.copiedNode(
    attention
      .text(4, operator)
      .text(7, more.domain ?? MICROSOFT)
      .finish(),
  );
  if (more.alsoRead) builder.node('Shape', [more.alsoRead], {}, 'length');
  if (more.branchReads) builder.copiedNode(branchOf(more.branchReads));
  for (const name of ['logits', ...outputs.slice(1), ...(more.alsoOutput ? [more.alsoOutput] : [])])
    builder.output(name, DataType.FLOAT, dims);
  const bytes = builder.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return groupedPresents(readOnnxModel({ size: bytes.length, read }));
}

function branchOf(input: string): Uint8Array {
  const inner = (graph: WireWriter) =>
    graph.message(1, (node) => node.text(1, input).text(2, 'y').text(4, 'Neg'));
  const branch = (attribute: WireWriter) => attribute.text(1, 'then_branch').message(6, inner);
  return new WireWriter().text(1, 'flag').text(2, 'chosen').text(4, 'If').message(5, branch).finish();
}

it('finds them in the order of the inputs', () => {
  expect(presents()).toEqual(['present.0.value', 'present.0.key']);
});

it.each<[string, Changes]>([
  ['another attention', { operator: 'MultiHeadAttention' }],
  ['the attention of another domain', { domain: 'elsewhere' }],
  ['no ids', { ids: 'inputs_embeds' }],
  ['no attention mask', { mask: 'mask' }],
  ['a past whose length is read', { alsoRead: 'past_key_values.0.key' }],
  ['a past whose length was read before', { readBefore: 'past_key_values.0.value' }],
  ['a past that a branch reads', { branchReads: 'past_key_values.0.value' }],
  ['a cache of another kind beside it', { alsoOutput: 'present.0.state' }],
])('finds none with %s', (_, changes) => {
  expect(presents(changes)).toBeUndefined();
});

it('finds none where there is no cache', () => {
  const builder = GraphBuilder.forViews();
  for (const name of ['input_ids', 'attention_mask']) builder.input(name, DataType.INT64, ['batch', name]);
  builder.output('logits', DataType.FLOAT, ['batch', 'sequence', 4]);
  const bytes = builder.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  expect(groupedPresents(readOnnxModel({ size: bytes.length, read }))).toBeUndefined();
});

it.each([
  { batch: 1, past: 3, sequence: 4 },
  { batch: 2, past: 5, sequence: 1 },
])(
  'are the last of every output, in the order of the inputs: $sequence tokens of $batch rows',
  async ({ batch, past, sequence }) => {
    const path = new URL('../../exports/fixtures/genai-llama/model.onnx', import.meta.url);
    const file = new OnnxFile(fileURLToPath(path));
    const view = backboneView(file, findHead(file.model), 'exact');
    const session = await ViewSession.create('backbone', view, { folder: file.folder, prepack: true });
    const caches = file.model.inputs.filter(({ dims }) => dims.length === 4);
    const [heads, size] = [Number(caches[0]!.dims[1]), Number(caches[0]!.dims[3])];
    const pasts = caches.map(({ name }, i) => {
      const values = Float32Array.from({ length: batch * heads * past * size }, (_, at) => Math.sin(i + at));
      return [name, floats(values, [batch, heads, past, size])] as const;
    });
    const tokens = Array.from({ length: batch * sequence }, (_, i) => 7 * i + 3);
    const found = await session.run({
      input_ids: ints(tokens, [batch, sequence]),
      attention_mask: ints(new Array<number>(batch * (past + sequence)).fill(1), [batch, past + sequence]),
      ...Object.fromEntries(pasts),
    });
    await session.release();
    file.close();
    const added = found.slot_new_key_values!;
    expect(added.dims).toEqual([batch, heads * caches.length, sequence, size]);
    const newest = Array.from({ length: batch }, (_, row) =>
      caches.flatMap(({ name }) => {
        const whole = found[name.replace('past_key_values', 'present')]!;
        return Array.from({ length: heads }, (_, head) => {
          const start = (row * heads + head) * (past + sequence) * size;
          return [...floatData(whole).subarray(start + past * size, start + (past + sequence) * size)];
        });
      }),
    );
    expect([...floatData(added)]).toEqual(newest.flat(2));
  },
);
