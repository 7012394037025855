/** What a card says of a folder that cannot run, or that says little of itself: all that is known, and why it ends there. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inspectFolder } from '../../engine/model/inspect';
import { writeCheckpoint } from '../../fixtures/checkpoint';
import { type DecoderOptions, writeDecoder } from '../../fixtures/decoder';
import { writeGguf } from '../../fixtures/gguf';
import { temporaryFolder } from '../../fixtures/runs';
import { BYTE_LEVEL, smallLlama } from '../checkpoint/gguf/small-llama';
import { FIXTURES } from '../exports/traces';

const folder = temporaryFolder();
let written = 0;

function write(options: Partial<DecoderOptions>) {
  return writeDecoder(join(folder, String(++written)), { layers: 1, ...options });
}
const cardOf = (path: string) => inspectFolder(path, null, { source: 'folder', model: path, name: 'mine' });

function setConfig(path: string, fields: object): void {
  const file = join(path, 'config.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...fields }));
}

const NOTHING = { vocab: null, hidden: null, projection: null, chain: [], memory: null, step: null };

it('without a cache it still has its head, and as many layers as its config says', () => {
  const { folder: path, options } = write({ cache: false, layers: 2 });
  const known = { vocab: options.vocab, hidden: options.d, projection: 'MatMul(Transpose)', memory: null };
  const refusal = { kind: 'input', code: 'no-kv-cache' };
  expect(cardOf(path)).toMatchObject({ ...known, layers: 2, refusal });
  setConfig(path, { num_hidden_layers: null });
  expect(cardOf(path)).toMatchObject({ ...known, layers: null, refusal });
});

it('without logits it has its inputs, which are those that a run feeds', () => {
  const { folder: path, onnxPath } = write({ initializersAsInputs: true, irVersion: 3 });
  const inputs = ['input_ids', 'attention_mask', 'position_ids', 'past_key_values.0.key'];
  const names = () => cardOf(path).inputs.map(({ name }) => name);
  expect(names()).toEqual([...inputs, 'past_key_values.0.value']);
  writeFileSync(onnxPath, readFileSync(onnxPath, 'latin1').replaceAll('logits', 'scores'), 'latin1');
  expect(names()).toEqual([...inputs, 'past_key_values.0.value']);
  expect(cardOf(path)).toMatchObject({ ...NOTHING, layers: 1, refusal: { code: 'no-logits' } });
});

it('of a file that is no ONNX it has what lies beside it', () => {
  const { folder: path, onnxPath, options } = write({});
  writeFileSync(onnxPath, 'nothing');
  expect(cardOf(path)).toMatchObject({
    ...NOTHING,
    family: 'qwen2',
    contextLength: options.contextLength,
    layers: null,
    inputs: [],
    preparation: null,
    refusal: { code: 'malformed-onnx' },
  });
});

it('has nothing that its files do not say', () => {
  const { folder: path } = write({ chatTemplate: false });
  setConfig(path, { model_type: undefined, max_position_embeddings: undefined });
  rmSync(join(path, 'generation_config.json'));
  const card = cardOf(path);
  expect(card).toMatchObject({ family: null, contextLength: null, hasChatTemplate: false, refusal: null });
  expect(card.templateRefusal).toBeNull();
  expect(card.files.map((file) => file.path)).toEqual([
    'onnx/model.onnx',
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
});

it('an encoder-decoder has no card', () => {
  const { folder: path } = write({});
  setConfig(path, { is_encoder_decoder: true });
  expect(() => cardOf(path)).toThrow(expect.objectContaining({ kind: 'input', code: 'encoder-decoder' }));
});

it('of a checkpoint it says what each precision takes, before anything is made', () => {
  const path = join(folder, 'checkpoint');
  const family = readFileSync(join(import.meta.dirname, '../fixtures/checkpoints/llama.json'), 'utf8');
  writeCheckpoint(path, join(FIXTURES, 'llama'), JSON.parse(family));
  const of = (dtype: string) => inspectFolder(path, dtype, { source: 'folder', model: path, name: 'mine' });
  const stored = of('safetensors');
  expect(stored).toMatchObject({ dtype: 'safetensors', preparation: null, refusal: null });
  const names = ['safetensors', 'safetensors_q8', 'safetensors_q4'];
  expect(stored.dtypes.map(({ dtype }) => dtype)).toEqual(names);
  const [whole, eight, four] = stored.dtypes.map(({ bytes }) => bytes) as [number, number, number];
  expect(whole).toBe(stored.files[0]!.bytes);
  for (const [dtype, bytes] of [
    ['safetensors_q8', eight],
    ['safetensors_q4', four],
  ] as const) {
    const card = of(dtype);
    expect(card).toMatchObject({ refusal: null, projection: 'MatMulNBits', memory: { weights: bytes } });
    expect(card.preparation).toMatchObject({ bytes, loss: null });
    // A tiny model, a hundred million weights a second.
    expect(card.preparation!.seconds).toBeGreaterThan(1e-5);
    expect(card.preparation!.seconds).toBeLessThan(0.1);
  }
  // 8 bits and 4, of 32 each with a scale, beside what stays as it is.
  expect(eight / whole).toBeLessThan(0.5);
  expect(four / eight).toBeLessThan(0.8);
});

it('of a GGUF file it has that file alone, from where it lies', () => {
  const path = join(folder, 'small-F32.gguf');
  const bytes = writeGguf(smallLlama(BYTE_LEVEL));
  writeFileSync(path, bytes);
  writeFileSync(join(folder, 'config.json'), '{}');
  expect(cardOf(path)).toMatchObject({
    name: 'mine',
    family: 'llama',
    dtype: 'F32',
    layers: 1,
    contextLength: 128,
    hidden: 32,
    vocab: 10,
    files: [{ path: 'small-F32.gguf', bytes: bytes.length, isHere: true }],
    dtypes: [{ dtype: 'F32', bytes: bytes.length }],
    preparation: null,
  });
});
