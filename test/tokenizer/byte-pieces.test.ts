/** Bytes that are no character, told from letters. The pieces are those of GPT-2's `bytes_to_unicode`, in Python. */
import { expect, it } from 'vitest';
import { spellBytes } from '../../engine/tokenizer/byte-pieces';

it.each([
  ['ðŁ', '<0xF0><0x9F>'],
  ['ðŁĺĢ', '😀'],
  ['ĠðŁ', ' <0xF0><0x9F>'],
  ['âĢľI', '“I'],
  ['Ģ', '<0x80>'],
  ['Ã©Ã', 'é<0xC3>'],
  ['Ċĉ', '\n\t'],
  ['ï¿½', '\ufffd'],
  ['ï»¿a', '\ufeffa'],
  // Beyond Unicode, surrogates, and a longer form of "/": no characters in UTF-8.
  ['÷¿¿¿', '<0xF7><0xBF><0xBF><0xBF>'],
  ['íłĢ', '<0xED><0xA0><0x80>'],
  ['À¯', '<0xC0><0xAF>'],
  ['', ''],
])('%j is %j', (piece, text) => expect(spellBytes(piece)).toBe(text));

it('spells all 256 bytes, each once', () => {
  // The alphabet: printable bytes are themselves, the other 68 are moved up in order.
  const letters = Array.from({ length: 256 }, (_, code) => String.fromCodePoint(code)).filter((letter) =>
    /[!-~¡-¬®-ÿ]/.test(letter),
  );
  for (let at = 0; letters.length < 256; at++) letters.push(String.fromCodePoint(0x100 + at));
  const texts = letters.map((letter) => spellBytes(letter));
  expect(new Set(texts).size).toBe(256);
  expect(texts.filter((text) => text?.startsWith('<0x'))).toHaveLength(128);
});

it('leaves other alphabets alone', () => {
  expect(spellBytes('▁the')).toBeUndefined();
  expect(spellBytes('a b')).toBeUndefined();
});
