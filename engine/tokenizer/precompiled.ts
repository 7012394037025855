/**
 * SentencePiece's table of replacements, as Hugging Face's spm_precompiled follows it: grapheme by grapheme, of a
 * grapheme's prefixes in the table the shortest.
 */

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });
/** Longer ones, in bytes, are replaced character by character. */
const MAX_GRAPHEME = 5;

/**
 * @param charsmap base64 of: the trie's size in bytes (uint32), its units (uint32, a double array), and texts that end in NUL
 * @throws Error where it is none
 */
export function precompiled(charsmap: string): (text: string) => string {
  const bytes = Buffer.from(charsmap, 'base64');
  const size = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0;
  if (size === 0 || size % 4 !== 0 || 4 + size > bytes.length) {
    throw new Error('the table of its normalizer Precompiled is broken');
  }
  const trie = Uint32Array.from({ length: size / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const texts = bytes.subarray(4 + size);

  const replacement = (text: string): string | undefined => {
    const at = shortestPrefix(trie, Buffer.from(text));
    if (at === undefined) return undefined;
    const end = texts.indexOf(0, at);
    return texts.toString('utf8', at, end < 0 ? texts.length : end);
  };
  const graphemeOf = (grapheme: string): string => {
    const whole = Buffer.byteLength(grapheme) <= MAX_GRAPHEME ? replacement(grapheme) : undefined;
    return whole ?? Array.from(grapheme, (character) => replacement(character) ?? character).join('');
  };
  return (text) => Array.from(GRAPHEMES.segment(text), ({ segment }) => graphemeOf(segment)).join('');
}

/** The value of the first key that `key` begins with; a unit holds a label, an offset and whether a key ends there. */
function shortestPrefix(trie: Uint32Array, key: Uint8Array): number | undefined {
  let node = offset(trie[0] ?? 0);
  for (const byte of key) {
    if (byte === 0) return undefined;
    node ^= byte;
    const unit = trie[node];
    if (unit === undefined || (unit & 0x800000ff) !== byte) return undefined;
    node ^= offset(unit);
    if ((unit >>> 8) & 1) return (trie[node] ?? 0) & 0x7fffffff;
  }
  return undefined;
}

function offset(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
