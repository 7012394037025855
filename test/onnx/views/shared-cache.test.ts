/** Which graphs write a cache where they read it, and that they write the same as one of their own. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder, MICROSOFT } from '../../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { floatData, floats, ints, ViewSession } from '../../../engine/onnx/runtime/session';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { backboneView, HIDDEN } from '../../../engine/onnx/views/backbone-view';
import { canShareCache } from '../../../engine/onnx/views/shared-cache';

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
function isShared({
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
  return canShareCache(readOnnxModel({ size: bytes.length, read }));
}

function branchOf(input: string): Uint8Array {
  const inner = (graph: WireWriter) =>
    graph.message(1, (node) => node.text(1, input).text(2, 'y').text(4, 'Neg'));
  const branch = (attribute: WireWriter) => attribute.text(1, 'then_branch').message(6, inner);
  return new WireWriter().text(1, 'flag').text(2, 'chosen').text(4, 'If').message(5, branch).finish();
}

it('is where one attention alone reads and writes it', () => {
  expect(isShared()).toBe(true);
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
])('is not with %s', (_, changes) => {
  expect(isShared(changes)).toBe(false);
});

it('is not where there is no cache', () => {
  const builder = GraphBuilder.forViews();
  for (const name of ['input_ids', 'attention_mask']) builder.input(name, DataType.INT64, ['batch', name]);
  builder.output('logits', DataType.FLOAT, ['batch', 'sequence', 4]);
  const bytes = builder.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  expect(canShareCache(readOnnxModel({ size: bytes.length, read }))).toBe(false);
});

const PAST_KEYS = /^past_key_values/;

it.each([
  { name: 'one row', lengths: [5], sequence: 4 },
  { name: 'two rows', lengths: [5, 5], sequence: 1 },
  { name: 'two rows, padded at the right', lengths: [3, 5], sequence: 1 },
])(
  'holds the same as one that is returned, and nothing else changed: $name',
  async ({ lengths, sequence }) => {
    const [batch, past, room] = [lengths.length, 5, 12];
    const path = new URL('../../exports/fixtures/genai-llama/model.onnx', import.meta.url);
    const file = new OnnxFile(fileURLToPath(path));
    const view = backboneView(file, findHead(file.model), 'exact');
    const session = await ViewSession.create('backbone', view, { folder: file.folder, prepack: true });
    const caches = file.model.inputs.filter(({ dims }) => dims.length === 4);
    const [heads, size] = [Number(caches[0]!.dims[1]), Number(caches[0]!.dims[3])];
    /** With room for so many tokens behind the past's, told by numbers that no product makes. */
    const pastOf = (columns: number) =>
      Object.fromEntries(
        caches.map(({ name }, i) => {
          const values = new Float32Array(batch * heads * columns * size).fill(12345);
          for (let row = 0; row < batch * heads; row++)
            for (let at = 0; at < past * size; at++)
              values[row * columns * size + at] = Math.sin(i + 7 * row + at);
          return [name, floats(values, [batch, heads, columns, size])];
        }),
      );
    const total = past + sequence;
    const mask = lengths.flatMap((length) =>
      Array.from({ length: total }, (_, at) => (at < length + sequence ? 1 : 0)),
    );
    const tokens = Array.from({ length: batch * sequence }, (_, i) => 7 * i + 3);
    const feeds = { input_ids: ints(tokens, [batch, sequence]), attention_mask: ints(mask, [batch, total]) };
    const returned = await session.run({ ...feeds, ...pastOf(past) }, session.outputNames.slice(1));
    const shared = pastOf(room);
    const hidden = floats(new Float32Array(floatData(returned[HIDDEN]).length), returned[HIDDEN]!.dims);
    const presents = Object.entries(shared).map(([name, tensor]) => [
      name.replace(PAST_KEYS, 'present'),
      tensor,
    ]);
    expect(session.takesOutputs).toBe(true);
    await session.runInto({ ...feeds, ...shared }, { [HIDDEN]: hidden, ...Object.fromEntries(presents) });
    await session.release();
    file.close();
    expect(hidden.data).toEqual(floatData(returned[HIDDEN]));
    const before = pastOf(room);
    for (const [name, tensor] of Object.entries(shared)) {
      const expected = floatData(before[name]);
      const whole = floatData(returned[name.replace(PAST_KEYS, 'present')]);
      for (let row = 0; row < batch * heads; row++) {
        const length = lengths[Math.floor(row / heads)]!;
        const written = whole.subarray(
          (row * total + length) * size,
          (row * total + length + sequence) * size,
        );
        expected.set(written, (row * room + length) * size);
      }
      expect(floatData(tensor)).toEqual(expected);
    }
  },
);
