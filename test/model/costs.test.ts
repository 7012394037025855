/** What running a model costs, in bytes and products that can be worked out from its config by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readConfig } from '../../engine/config/config';
import { costs } from '../../engine/model/costs';
import { inspectFolder } from '../../engine/model/inspect';
import { KvLayout } from '../../engine/model/kv-cache';
import { findHead } from '../../engine/onnx/recognise/find-head';
import { OnnxFile } from '../../engine/onnx/source/onnx-file';
import { type Decoder, type DecoderOptions, decoderOptions, writeDecoder } from '../../fixtures/decoder';
import { writeQuantizedDecoder } from '../../fixtures/quantized-decoder';
import { integerHead, nBitsHead, type QuantizedHead, type Sizes } from '../../fixtures/quantized-heads';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();
const opened: OnnxFile[] = [];
afterAll(() => {
  for (const file of opened) file.close();
});

const PROMPT = 256;
const MIB = 2 ** 20;

let written = 0;
const write = (options: Partial<DecoderOptions>): Decoder =>
  writeDecoder(join(folder, String(++written)), options);

function costsOf({ folder: path, onnxPath }: Decoder, weights: number, changed: { vocab?: number } = {}) {
  const file = new OnnxFile(onnxPath);
  opened.push(file);
  const head = { ...findHead(file.model), ...changed };
  return costs(file.model, head, new KvLayout(file.model, readConfig(path)), weights);
}

/** Elements of the matrices of all layers: q and o, k and v, and the three of the feed-forward. */
const layerElements = ({ layers, d, heads, kvHeads, headDim, ffn }: DecoderOptions) =>
  layers * (2 * d * heads * headDim + 2 * d * kvHeads * headDim + 3 * d * ffn);

it.each<[string, Partial<DecoderOptions>, number, number]>([
  // How many bytes each element of a layer's matrix takes when it is repacked, and each of the head's.
  ['a tied head, repacked too', { head: 'Gemm', tied: true }, 4, 4],
  ['a head of its own, repacked too', { head: 'MatMul', tied: false }, 4, 4],
  ['a head that is transposed by the graph', { head: 'MatMul(Transpose)' }, 4, 4],
  ['weights of 16 bits, widened to 32', { head: 'MatMul', tied: false, dtype: 'float16' }, 4, 4],
])('of %s', (_, options, inLayers, inHead) => {
  const model = write(options);
  const { vocab, d, layers, kvHeads, headDim, dtype } = model.options;
  const bytes = dtype === 'float16' ? 2 : 4;
  const { memory, step } = costsOf(model, 1000);
  const prepacked = inLayers * layerElements(model.options) + inHead * vocab * d;
  // Two lanes, a key and a value each.
  const cache = 2 * PROMPT * layers * 2 * kvHeads * headDim * bytes;
  // The prompt's logits, and a block of work as large.
  const logits = 2 * PROMPT * vocab * 4;
  expect(memory).toMatchObject({
    weights: 1000,
    prepacked,
    cache,
    logits,
    peak: 1000 + prepacked + cache + logits,
    promptTokens: PROMPT,
  });
  expect(step).toMatchObject({
    bytes: 2 * vocab * d * bytes + 2 * PROMPT * vocab * 4,
    multiplyAdds: 2 * vocab * d + 2 * PROMPT * vocab,
  });
});

it('counts matrices of 16 bits that the graph widens itself as those that onnxruntime widens', () => {
  const { onnxPath, folder: path } = write({ head: 'MatMul', tied: false, dtype: 'float16', layers: 1 });
  const file = new OnnxFile(onnxPath);
  opened.push(file);
  const { model } = file;
  const prepacked = (of: typeof model) =>
    costs(of, findHead(model), new KvLayout(model, readConfig(path)), 0).memory!.prepacked;
  const widened = model.nodes.map((node) =>
    node.opType === 'MatMul' && model.initializers.has(node.inputs[1] ?? '')
      ? { ...node, inputs: [node.inputs[0]!, `wide ${node.inputs[1]}`] }
      : node,
  );
  const casts = [...model.initializers.keys()].map((name) => ({
    ...model.nodes[0]!,
    opType: 'Cast',
    inputs: [name],
    outputs: [`wide ${name}`],
  }));
  expect(prepacked(model)).toBeGreaterThan(0);
  expect(prepacked({ ...model, nodes: [...casts, ...widened] })).toBe(prepacked(model));
});

it('keeps at most 1.25 GiB of logits, and works on 256 MiB of them at a time', () => {
  const model = write({ layers: 1 });
  const logits = (vocab: number) => costsOf(model, 0, { vocab }).memory!.logits;
  // 1 KiB for each token of the vocabulary.
  expect(logits(200 * 1024)).toBe(400 * MIB);
  expect(logits(300 * 1024)).toBe((300 + 256) * MIB);
  expect(logits(1100 * 1024)).toBe((1100 + 256) * MIB);
  expect(logits(1400 * 1024)).toBe((1280 + 256) * MIB);
});

it('and its files are on the card, with what the graph is from its hidden states on', () => {
  const tail = [{ op: 'Mul', by: 0.123456 }, { op: 'cap', at: 30 }, { op: 'Add' }] as const;
  const { folder: path, options } = write({ head: 'Gemm', tail, weights: 'external', layers: 3 });
  writeFileSync(join(path, 'chat_template.jinja'), '{{ messages[0].content }}');
  const card = inspectFolder(path, null, { source: 'folder', model: path, name: 'mine' });
  expect(card).toMatchObject({
    source: 'folder',
    name: 'mine',
    folder: path,
    family: 'qwen2',
    dtype: 'fp32',
    dtypes: [{ dtype: 'fp32' }],
    contextLength: options.contextLength,
    hasChatTemplate: true,
    templateRefusal: null,
    refusal: null,
    preparation: null,
    layers: 3,
    vocab: options.vocab,
    hidden: options.d,
    projection: 'Gemm',
    chain: ['hidden', 'Gemm', 'Mul 0.1235', 'Div 30', 'Tanh', 'Mul 30', 'Add bias', 'logits'],
  });
  expect(card.inputs.slice(0, 1)).toEqual([
    { name: 'input_ids', type: 'int64', dims: [expect.any(String), expect.any(String)] },
  ]);
  const sizes = new Map(card.files.map(({ path, bytes }) => [path, bytes]));
  expect([...sizes.keys()]).toEqual([
    'onnx/model.onnx',
    'onnx/model.onnx_data',
    'config.json',
    'generation_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'chat_template.jinja',
  ]);
  for (const [name, bytes] of sizes) expect(bytes, name).toBe(readFileSync(join(path, name)).length);
  expect(card.files.every(({ isHere }) => isHere)).toBe(true);
  expect(card.memory!.weights).toBe(sizes.get('onnx/model.onnx')! + sizes.get('onnx/model.onnx_data')!);
});

it.each<[string, (sizes: Sizes) => QuantizedHead, (elements: number) => number]>([
  // Once for prompts and shifts, and once with a scale and a sum of zero points a block, for a few rows that decode.
  ['codes of 4 bits', (s) => nBits(s, 4, 0), (elements) => 2 * (elements / 2) + 2 * 4 * (elements / 32)],
  ['codes of 4 bits, by sums of integers', (s) => nBits(s, 4, 4), (elements) => elements / 2],
  ['codes of 8 bits', (s) => nBits(s, 8, 0), (elements) => elements],
  [
    'whole numbers',
    (s) => integerHead({ ...s, operator: 'MatMulInteger', type: 'uint8', perChannel: true }),
    (elements) => elements,
  ],
])('of a head of %s', (what, make, inHead) => {
  const path = writeQuantizedDecoder(join(folder, `quantised ${what}`), make);
  const file = {
    folder: path,
    onnxPath: join(path, 'onnx', 'model_q4.onnx'),
    options: decoderOptions({ vocab: 5001, d: 64, layers: 1, head: 'MatMul', tied: false }),
  };
  const { vocab, d } = file.options;
  const codes = what.includes(' 4 bits') ? (vocab * d) / 2 : vocab * d;
  const { memory, step } = costsOf(file, 0);
  expect(memory!.prepacked).toBe(4 * layerElements(file.options) + inHead(vocab * d));
  expect(step!.bytes).toBe(2 * codes + 2 * PROMPT * vocab * 4);
});

function nBits(sizes: Sizes, bits: 4 | 8, accuracyLevel: 0 | 4): QuantizedHead {
  return nBitsHead({ ...sizes, bits, blockSize: 32, accuracyLevel });
}
