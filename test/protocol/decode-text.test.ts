/** Text files in the encodings that editors and shells write: decoded as they announce themselves, or refused. */
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../engine/protocol';

const TEXT = 'Größe 12 €, 数学 👩‍👧\r\n';
const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('decodes', () => {
  it.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a byte-order mark', Buffer.from(`\ufeff${TEXT}`)],
    ['UTF-16, little end first (Windows PowerShell)', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
    ['UTF-16, big end first', swapped(`\ufeff${TEXT}`)],
  ])('%s', (_, bytes) => {
    expect(decodeText(bytes, 'f')).toBe(TEXT);
  });

  it('takes one mark away, and no character that looks like it', () => {
    expect(decodeText(Buffer.from('\ufeff\ufeffa\ufeff\ufffd'), 'f')).toBe('\ufeffa\ufeff\ufffd');
    expect(decodeText(new Uint8Array(), 'f')).toBe('');
  });
});

describe('refuses', () => {
  it.each([
    ['Latin-1', Buffer.from('Größe', 'latin1'), 'f is not UTF-8: byte 0xF6 at offset 2'],
    ['a character cut short', Buffer.from('a\ufffd€').subarray(0, 6), 'byte 0xE2 at offset 4'],
    ['Latin-1 behind a mark', Buffer.concat([Buffer.from('\ufeffa'), Buffer.from([0xe9])]), 'offset 4'],
    ['half a UTF-16 character', Buffer.from([0xff, 0xfe, 0x61]), 'begins as UTF-16LE'],
    ['half a surrogate pair', Buffer.from([0xff, 0xfe, 0x3d, 0xd8]), 'begins as UTF-16LE'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 'f is in UTF-32'],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeText(bytes, 'f')).toThrow(message);
  });
});
