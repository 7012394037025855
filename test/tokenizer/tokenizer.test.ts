/** Text to ids and back: round trips, characters whose bytes arrive in several tokens, and each token's own text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { STARTER_FOLDER } from '../../engine/api/engine';
import { readModelFolder } from '../../engine/model/folder';
import { TextStream, Tokenizer } from '../../engine/tokenizer/tokenizer';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();
const tiny = writeDecoder(join(folder, 'tiny'), { layers: 1 }).folder;
const withBos = writeDecoder(join(folder, 'bos'), { layers: 1, bos: true }).folder;
const tokenizerOf = (path: string) => new Tokenizer(readModelFolder(path, null));

const TEXTS = [
  'Tom has 3 apples and buys 5 more.',
  '  two  spaces\n\n\tand a tab ',
  'naïve façade, Größe, 数学の問題, חשבון, 12 €',
  '👩‍👩‍👧 and 🏳️‍🌈',
  'e\u0301 is not é',
  '<think> step by step </think><answer>8</answer>',
];

describe.each([
  ['a byte-level tokenizer', tiny],
  ['the starter’s', STARTER_FOLDER],
])('%s', (_, path) => {
  const tokenizer = tokenizerOf(path);

  it.each(TEXTS)('takes %j there and back', (text) => {
    expect(tokenizer.decode(tokenizer.encode(text, false))).toBe(text);
  });

  it.each(TEXTS)('streams %j in whole characters', (text) => {
    const stream = new TextStream(tokenizer);
    const pieces = tokenizer.encode(text, false).map((id) => stream.push(id));
    expect(pieces.join('')).toBe(text);
    for (const piece of pieces) expect(piece).not.toContain('\ufffd');
  });

  it('reads special tokens in a template’s text as such, and leaves them out of answers', () => {
    const ids = tokenizer.encode('<|im_start|>user\nhi<|im_end|>', false);
    expect([ids[0], ids.at(-1)]).toEqual([1, 2]);
    expect(tokenizer.decode(ids)).toBe('user\nhi');
    expect(ids.map((id) => tokenizer.text(id)).join('')).toBe('<|im_start|>user\nhi<|im_end|>');
    expect([tokenizer.isSpecial(1), tokenizer.isSpecial(ids[1]!)]).toEqual([true, false]);
  });
});

describe('a stream', () => {
  const tokenizer = tokenizerOf(tiny);
  /** One token per byte. */
  const bytes = (text: string) => Array.from(Buffer.from(text), (byte) => 3 + byte);

  it('holds a character back until its last byte', () => {
    const stream = new TextStream(tokenizer);
    expect(bytes('a€b👍').map((id) => stream.push(id))).toEqual(['a', '', '', '€', 'b', '', '', '', '👍']);
  });

  it('goes on after bytes that are no character', () => {
    const stream = new TextStream(tokenizer);
    const pieces = [0xe2, 0x82, 0x61, 0x62].map((byte) => stream.push(3 + byte));
    expect(pieces.slice(0, 2)).toEqual(['', '']);
    expect(pieces[2]).toMatch(/^\ufffd+a$/);
    expect(pieces[3]).toBe('b');
  });

  it('shows nothing for special tokens and keeps the text around them', () => {
    const stream = new TextStream(tokenizer);
    expect([...bytes('a'), 2, 1, ...bytes('b')].map((id) => stream.push(id))).toEqual(['a', '', '', 'b']);
  });
});

describe('a token’s text', () => {
  const tokenizer = tokenizerOf(tiny);
  it.each([
    [0, '<|endoftext|>'],
    [3 + 0x41, 'A'],
    [3 + 0x20, ' '],
    [3 + 0x0a, '\n'],
    [3 + 0xf0, '<0xF0>'],
    [383, '<unused 383>'],
  ])('of %i is %j', (id, text) => {
    expect(tokenizer.text(id)).toBe(text);
  });

  it('is never empty or a replacement character, whatever the byte', () => {
    const texts = Array.from({ length: 384 }, (_, id) => tokenizer.text(id));
    for (const text of texts) expect(text).not.toMatch(/^$|\ufffd/);
    expect(texts.filter((text) => text === ' think')).toHaveLength(1);
  });
});

describe('a SentencePiece tokenizer', () => {
  const path = join(import.meta.dirname, '../exports/fixtures/llama-2');
  const tokenizer = tokenizerOf(path);
  const { vocab } = z
    .object({ model: z.object({ vocab: z.record(z.string(), z.int()) }) })
    .parse(JSON.parse(readFileSync(join(path, 'tokenizer.json'), 'utf8'))).model;

  it('tells a token that begins a word from one that goes on, though a text drops the first space', () => {
    const pieces = Object.entries(vocab).filter(([piece]) => /^\u2581*\w+$/u.test(piece));
    const begin = pieces.filter(([piece]) => piece.startsWith('\u2581'));
    expect([begin.length > 10, pieces.length > begin.length]).toEqual([true, true]);
    for (const [piece, id] of pieces) expect(tokenizer.text(id)).toBe(piece.replaceAll('\u2581', ' '));
    expect(tokenizer.decode([vocab['\u2581the']!])).toBe('the');
  });
});

describe('special tokens of its own', () => {
  it('come with a raw text and not with a template’s', () => {
    const tokenizer = tokenizerOf(withBos);
    expect(tokenizer.encode('hi', true)).toEqual([0, ...tokenizer.encode('hi', false)]);
    expect(tokenizerOf(tiny).encode('hi', true)).toEqual(tokenizer.encode('hi', false));
  });
});
