/** A text file's bytes as text: by the byte-order mark it begins with, else as UTF-8; never with characters replaced. */
import { badInput } from './errors';

const MARKS = [
  { encoding: 'utf-32le', mark: [0xff, 0xfe, 0, 0] },
  { encoding: 'utf-32be', mark: [0, 0, 0xfe, 0xff] },
  { encoding: 'utf-8', mark: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', mark: [0xff, 0xfe] },
  { encoding: 'utf-16be', mark: [0xfe, 0xff] },
] as const;
const SAVE_AS = 'Save it as UTF-8.';

/**
 * The text without its byte-order mark.
 * @throws EngineError `not-text`, with the first byte that is no text
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  const marked = MARKS.find(({ mark }) => mark.every((byte, i) => bytes[i] === byte));
  const encoding = marked?.encoding ?? 'utf-8';
  if (encoding === 'utf-32le' || encoding === 'utf-32be') {
    throw badInput('not-text', `${name} is in UTF-32`, SAVE_AS);
  }
  const skipped = marked?.mark.length ?? 0;
  const rest = bytes.subarray(skipped);
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(rest);
  } catch {
    if (encoding !== 'utf-8') {
      const message = `${name} begins as ${encoding.toUpperCase()} but is not all of it`;
      throw badInput('not-text', message, SAVE_AS);
    }
    const at = firstBadByte(rest);
    const byte = (rest[at] ?? 0).toString(16).toUpperCase().padStart(2, '0');
    throw badInput('not-text', `${name} is not UTF-8: byte 0x${byte} at offset ${skipped + at}`, SAVE_AS);
  }
}

function firstBadByte(bytes: Uint8Array): number {
  const REPLACED = '\ufffd';
  const encoder = new TextEncoder();
  let offset = 0;
  for (const part of new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split(REPLACED)) {
    offset += encoder.encode(part).length;
    const isOne = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (!isOne) break;
    offset += encoder.encode(REPLACED).length;
  }
  return offset;
}
