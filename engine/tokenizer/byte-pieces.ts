/**
 * Byte-level BPE spells each byte as one letter of an alphabet of its own, GPT-2's `bytes_to_unicode`: a piece that is
 * part of a character then looks like letters that it is not.
 */

export const BYTES = new Map<string, number>();
for (let byte = 0, unprintable = 0; byte < 256; byte++) {
  const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  BYTES.set(String.fromCodePoint(isPrintable ? byte : 0x100 + unprintable), byte);
  if (!isPrintable) unprintable++;
}

const LETTERS = [...BYTES.keys()];
const ENCODER = new TextEncoder();

/** Each byte of the text as its letter. */
export function toByteLevel(text: string): string {
  let letters = '';
  for (const byte of ENCODER.encode(text)) letters += LETTERS[byte];
  return letters;
}

/** @returns undefined where a letter is none of the alphabet */
function byteLevelBytes(piece: string): Uint8Array | undefined {
  const known = Array.from(piece, (letter) => BYTES.get(letter));
  return known.includes(undefined) ? undefined : Uint8Array.from(known, (byte = 0) => byte);
}

/** What a piece stands for, by how its vocabulary spells text; of SentencePiece ▁ is a space and `<0xF0>` a byte. */
export function bytesOf(piece: string, spelling: 'text' | 'byte-level' | 'SentencePiece'): Uint8Array {
  if (spelling === 'byte-level') return byteLevelBytes(piece) ?? ENCODER.encode(piece);
  if (spelling === 'text') return ENCODER.encode(piece);
  const [, byte] = /^<0x([0-9A-F]{2})>$/.exec(piece) ?? [];
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  return ENCODER.encode(piece.replaceAll('\u2581', ' '));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * What a piece spells: whole characters as they are, other bytes as SentencePiece names them, `<0xF0>`.
 * @returns undefined where a letter is none of the alphabet
 */
export function spellBytes(piece: string): string | undefined {
  const bytes = byteLevelBytes(piece);
  if (!bytes) return undefined;
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const character = characterAt(bytes, at);
    text += character ?? `<0x${bytes[at]!.toString(16).toUpperCase().padStart(2, '0')}>`;
    at += character === undefined ? 1 : lengthOf(bytes[at]!);
  }
  return text;
}

function characterAt(bytes: Uint8Array, at: number): string | undefined {
  const end = at + lengthOf(bytes[at]!);
  try {
    return end > bytes.length ? undefined : UTF8.decode(bytes.subarray(at, end));
  } catch {
    return undefined;
  }
}

/** Bytes of the character that a byte begins; 1 where it begins none. */
function lengthOf(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}
