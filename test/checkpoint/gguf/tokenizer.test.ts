/**
 * A GGUF's tokenizer from its metadata: the ids and texts of the tokenizer.json that it was made of, by Hugging Face's
 * tokenizers (see recipe-gguf/make_tokenizers.py, which writes both).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ggufTokenizer } from '../../../engine/checkpoint/gguf/tokenizer';
import { EngineError } from '../../../engine/protocol';
import { Tokenizer } from '../../../engine/tokenizer/tokenizer';

/** Another folder, of more texts, where one is named. */
const FIXTURES = process.env.GGUF_TOKENIZERS ?? join(import.meta.dirname, '../../fixtures/gguf-tokenizers');
const read = <T>(name: string, schema: z.ZodType<T>) =>
  schema.parse(JSON.parse(readFileSync(join(FIXTURES, name), 'utf8')));

const Ids = z.array(z.array(z.int()));
const Metadata = z.record(z.string(), z.unknown());
const Ways = z.object({ metadata: Metadata, ids: z.record(z.string(), Ids), decoded: z.array(z.string()) });
const Pieces = z.object({ metadata: Metadata, ids: Ids, decoded: z.array(z.string()) });

const texts = read('texts.json', z.array(z.string()));
const bytes = read('byte-level.json', Ways);

function made(metadata: Record<string, unknown>) {
  return ggufTokenizer(new Map(Object.entries(metadata)), '/m/x.gguf');
}

function tokenizer(metadata: Record<string, unknown>): Tokenizer {
  return new Tokenizer({ path: '/m/x.gguf', tokenizer: made(metadata).tokenizer });
}

function encoded(metadata: Record<string, unknown>): number[][] {
  const from = tokenizer(metadata);
  return texts.map((text) => from.encode(text, false));
}

describe('byte-level BPE', () => {
  it.each(Object.keys(bytes.ids))('splits as the tokenizer.json of "%s"', (pre) => {
    expect(encoded({ ...bytes.metadata, 'tokenizer.ggml.pre': pre })).toEqual(bytes.ids[pre]);
  });

  it('is tried on ways that differ', () => {
    const different = new Set(Object.values(bytes.ids).map((ids) => JSON.stringify(ids)));
    expect(different.size).toBe(11);
  });

  it('decodes', () => {
    const from = tokenizer({ ...bytes.metadata, 'tokenizer.ggml.pre': 'gpt-2' });
    expect(bytes.ids['gpt-2']!.map((ids) => from.decode(ids))).toEqual(bytes.decoded);
  });

  it('takes the way of a family that has only one where an older file names none', () => {
    const { 'tokenizer.ggml.pre': _, ...older } = bytes.metadata;
    const qwen2 = { ...older, 'general.architecture': 'qwen2' };
    expect(encoded(qwen2)).toEqual(bytes.ids.qwen2);
    expect(encoded({ ...qwen2, 'tokenizer.ggml.pre': 'default' })).toEqual(bytes.ids.qwen2);
    expect(() => made(older)).toThrow('tokenizer.ggml.pre');
  });
});

describe.each(['llama', 'no-prefix', 'no-scores', 'mistral', 'phi3', 'gemma'])(
  "SentencePiece's pieces: %s",
  (name) => {
    const { metadata, ids, decoded } = read(`pieces-${name}.json`, Pieces);

    it('encodes and decodes', () => {
      const from = tokenizer(metadata);
      expect(texts.map((text) => from.encode(text, false))).toEqual(ids);
      expect(ids.map((some) => from.decode(some))).toEqual(decoded);
    });

    it('takes typed arrays', () => {
      const typed = {
        ...metadata,
        'tokenizer.ggml.scores': Float32Array.from(
          z.array(z.number()).parse(metadata['tokenizer.ggml.scores']),
        ),
        'tokenizer.ggml.token_type': Int32Array.from(
          z.array(z.number()).parse(metadata['tokenizer.ggml.token_type']),
        ),
      };
      expect(encoded(typed)).toEqual(ids);
    });
  },
);

const SMALL = {
  'general.architecture': 'llama',
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'smollm',
  'tokenizer.ggml.tokens': ['a', 'b', 'ab', '<s>', '<|eot_id|>', '<t>', '__proto__'],
  'tokenizer.ggml.token_type': [1, 1, 1, 3, 3, 4, 1],
  'tokenizer.ggml.merges': ['a b'],
};

describe('what is put around a text, and what ends one', () => {
  const bos = { 'tokenizer.ggml.bos_token_id': 3, 'tokenizer.ggml.eos_token_id': 4 };
  const around = (more: object) => tokenizer({ ...SMALL, ...bos, ...more }).encode('ab', true);

  it('adds BOS and EOS where the file says so, or where its kind always does', () => {
    expect(around({})).toEqual([2]);
    expect(around({ 'tokenizer.ggml.add_bos_token': true })).toEqual([3, 2]);
    expect(around({ 'tokenizer.ggml.add_eos_token': true })).toEqual([2, 4]);
    expect(around({ 'tokenizer.ggml.pre': 'llama-bpe' })).toEqual([3, 2]);
    expect(around({ 'tokenizer.ggml.pre': 'llama-bpe', 'tokenizer.ggml.add_bos_token': false })).toEqual([2]);
    const llama = { ...read('pieces-llama.json', Pieces).metadata };
    expect(tokenizer(llama).encode('', true)).toEqual([1]);
  });

  it('names all ends: of a text, a turn and a message, and control tokens that are known for it', () => {
    const eos = (more: object) => made({ ...SMALL, ...more }).eosTokenIds;
    expect(eos({})).toEqual([4]);
    expect(eos({ 'tokenizer.ggml.eos_token_id': 3 })).toEqual([3, 4]);
    expect(eos({ 'tokenizer.ggml.eot_token_id': 5, 'tokenizer.ggml.eom_token_id': 6 })).toEqual([5, 6, 4]);
    expect(eos({ 'tokenizer.ggml.eos_token_id': 700 })).toEqual([4]);
  });

  it('hands on the template with the names of its special tokens', () => {
    const template = '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}';
    const { chatTemplate, tokenizer: files } = made({
      ...SMALL,
      ...bos,
      'tokenizer.chat_template': template,
    });
    expect(chatTemplate).toBe(template);
    expect(files.config).toMatchObject({ bos_token: '<s>', eos_token: '<|eot_id|>' });
    expect(made(SMALL).chatTemplate).toBeUndefined();
  });

  it('takes no word of the language for padding', () => {
    const padding = (id: number) =>
      made({ ...SMALL, 'tokenizer.ggml.padding_token_id': id }).tokenizer.config;
    expect(padding(0).pad_token).toBeUndefined();
    expect(padding(3).pad_token).toBe('<s>');
  });

  it('finds user-defined tokens in a text, and keeps them in what it decodes', () => {
    const from = tokenizer(SMALL);
    expect(from.encode('ab<t>a<s>', false)).toEqual([2, 5, 0, 3]);
    expect(from.decode([2, 5, 0, 3])).toBe('ab<t>a');
    expect(from.id('__proto__')).toBe(6);
  });
});

describe('metadata that makes no tokenizer', () => {
  it.each([
    [{ 'tokenizer.ggml.model': 'bert' }, 'the kind "bert" is not supported'],
    [{ 'tokenizer.ggml.model': undefined }, 'tokenizer.ggml.model'],
    [{ 'tokenizer.ggml.pre': 'x'.repeat(300) }, 'tokenizer.ggml.pre'],
    [{ 'tokenizer.ggml.pre': 'poro-chat' }, '"poro-chat", is not known'],
    [{ 'tokenizer.ggml.tokens': 'abc' }, 'tokenizer.ggml.tokens'],
    [{ 'tokenizer.ggml.tokens': ['a', 7] }, 'tokenizer.ggml.tokens'],
    [{ 'tokenizer.ggml.tokens': ['a'.repeat(5000)] }, 'tokenizer.ggml.tokens'],
    [{ 'tokenizer.ggml.token_type': [1] }, '1 for 7 tokens'],
    [{ 'tokenizer.ggml.token_type': 'x' }, 'tokenizer.ggml.token_type'],
    [{ 'tokenizer.ggml.merges': undefined }, 'tokenizer.ggml.merges'],
    [{ 'tokenizer.ggml.merges': ['ab'] }, 'its merge "ab" makes no token of two tokens'],
    [{ 'tokenizer.ggml.merges': ['b a'] }, 'its merge "b a"'],
    [{ 'tokenizer.ggml.bos_token_id': -1 }, 'tokenizer.ggml.bos_token_id'],
    [{ 'tokenizer.ggml.bos_token_id': 2.5 }, 'tokenizer.ggml.bos_token_id'],
    [{ 'tokenizer.chat_template': 'x'.repeat(2 ** 20 + 1) }, 'tokenizer.chat_template'],
  ])('%o is refused in one line', (wrong, named) => {
    const refusal = refusalOf({ ...SMALL, ...wrong });
    expect(refusal.code).toBe('tokenizer');
    expect(refusal.message).toContain('/m/x.gguf');
    expect(refusal.message).toContain(named);
    expect(refusal.message).not.toContain('\n');
    expect(refusal.message.length).toBeLessThan(400);
  });

  it('has merges made of no piece that is longer than any real one', () => {
    const run = 'a'.repeat(4000);
    const tokens = ['<unk>', ...Array.from({ length: 500 }, (_, i) => run.slice(0, 3500 + i)), 'a', 'aa'];
    const { model } = made({
      'general.architecture': 'llama',
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.tokens': tokens,
    }).tokenizer.json;
    expect(model.merges).toEqual([['a', 'a']]);
  });
});

it('has merges made of no more pieces than any vocabulary has', () => {
  const long = Array.from({ length: 140_000 }, (_, i) => i.toString(36).padStart(64, 'x'));
  const refusal = refusalOf({
    'general.architecture': 'llama',
    'tokenizer.ggml.model': 'llama',
    'tokenizer.ggml.tokens': long,
  });
  expect(refusal.message).toBe(
    'the tokenizer in /m/x.gguf cannot be used: its pieces have 8960000 characters',
  );
});

function refusalOf(metadata: Record<string, unknown>): EngineError {
  try {
    made(metadata);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
