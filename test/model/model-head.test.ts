/** What of a model is always here: its vocabulary, the tokens that end an answer, how far it reaches, and what its head is. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readModelFolder } from '../../engine/model/folder';
import { inspectFolder } from '../../engine/model/inspect';
import { ModelHead } from '../../engine/model/model-head';
import { writeDecoder } from '../../fixtures/decoder';
import { writeQuantizedDecoder } from '../../fixtures/quantized-decoder';
import { integerHead, nBitsHead, type QuantizedHead, type Sizes } from '../../fixtures/quantized-heads';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();
const { folder: model, options } = writeDecoder(join(folder, 'model'), {
  layers: 1,
  vocab: 3000,
  d: 8,
  heads: 1,
  kvHeads: 1,
});
const open = () => ModelHead.openHead({ folder: model, dtype: null, memorySaver: false, device: 'cpu' });

function change(file: string, fields: object): void {
  const path = join(model, file);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...fields }));
}

it('has a text for each row of its head, also where the tokenizer knows none', async () => {
  const head = await open();
  try {
    const texts = await head.vocabulary();
    expect(texts).toHaveLength(options.vocab);
    expect(texts.slice(0, 500)).toEqual(Array.from({ length: 500 }, (_, id) => head.tokenizer.text(id)));
    expect(texts.at(-1)).toBe(head.tokenizer.text(options.vocab - 1));
    expect(head.layers).toBe(1);
    expect(head.contextLength).toBe(options.contextLength);
  } finally {
    await head.release();
  }
});

it('lets others be heard while it spells a large vocabulary, every 2048 tokens', async () => {
  const head = await open();
  try {
    let heard = 0;
    let again: NodeJS.Immediate;
    const listen = () => {
      heard++;
      again = setImmediate(listen);
    };
    again = setImmediate(listen);
    await head.vocabulary();
    clearImmediate(again);
    expect(heard).toBe(Math.ceil(options.vocab / 2048));
  } finally {
    await head.release();
  }
});

it('ends an answer at every token that its files name, and at its template’s turn end', async () => {
  const stops = async () => {
    const head = await open();
    await head.release();
    return [...head.stopIds].sort((a, b) => a - b).map((id) => head.tokenizer.text(id));
  };
  const [END_OF_TEXT, TURN_END] = ['<|endoftext|>', '<|im_end|>'];
  change('generation_config.json', { eos_token_id: [] });
  change('config.json', { eos_token_id: null });
  change('tokenizer_config.json', { eos_token: null });
  expect(await stops()).toEqual([TURN_END]);
  for (const eos_token of [END_OF_TEXT, { content: END_OF_TEXT }]) {
    change('tokenizer_config.json', { eos_token });
    expect(await stops()).toEqual([END_OF_TEXT, TURN_END]);
  }
  change('config.json', { eos_token_id: 7 });
  expect(await stops()).toHaveLength(3);
  // A turn that ends in plain text ends no answer: it may be written within one.
  writeFileSync(
    join(model, 'chat_template.jinja'),
    '{% for m in messages %}{{ m.content }} end {% endfor %}',
  );
  expect(await stops()).not.toContain(TURN_END);
});

it('without a template ends at its own end tokens alone', async () => {
  const plain = writeDecoder(join(folder, 'plain'), { layers: 1, chatTemplate: false }).folder;
  const head = await ModelHead.openHead({ folder: plain, dtype: null, memorySaver: false, device: 'cpu' });
  await head.release();
  expect([...head.stopIds].sort()).toEqual([0, 2]);
});

it.each([
  [100_000, 32_768],
  [1000, 1000],
  [undefined, 32_768],
])('written for a checkpoint, reaches no further than either says: %s', (positions, contextLength) => {
  const path = join(folder, `checkpoint-${positions}`);
  mkdirSync(path);
  writeFileSync(join(path, 'model.safetensors'), '');
  writeFileSync(join(path, 'config.json'), JSON.stringify({ max_position_embeddings: positions }));
  writeFileSync(join(path, 'tokenizer.json'), '{"model":{}}');
  expect(readModelFolder(path, null).contextLength).toBe(contextLength);
});

it.each<[string, string, (sizes: Sizes) => QuantizedHead]>([
  [
    'MatMulNBits 4-bit',
    'bits',
    (s) => nBitsHead({ ...s, bits: 4, blockSize: 32, zeroPoints: 'float', accuracyLevel: 0 }),
  ],
  [
    'MatMulInteger uint8',
    'integer',
    (s) => integerHead({ ...s, operator: 'MatMulInteger', type: 'uint8', perChannel: true }),
  ],
])('its card names a head that is a %s', (label, name, make) => {
  const path = writeQuantizedDecoder(join(folder, name), make);
  const card = inspectFolder(path, 'q4', { source: 'folder', model: path, name });
  expect(card).toMatchObject({ refusal: null, projection: label.split(' ')[0] });
  expect(card.chain[1]).toBe(label);
});
