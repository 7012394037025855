/**
 * Text of users, models and files on its way to a reader: what cannot be seen is spelled out, never obeyed, and what
 * can be seen stays as it is. The window and the command line show all such text through these.
 */

// Controls, format characters (bidi marks and overrides, zero-width ones, tags), lone surrogates, separators of lines
// and paragraphs. Arabic and Kaithi number signs are format characters that can be seen.
const NUMBER_SIGN = '\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}';
const UNSEEN = `(?![${NUMBER_SIGN}])[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]`;
/** The flags of England, Scotland and Wales: a black flag, a region in tags, and the tag that ends it. */
const TAGGED_FLAG = '\\u{1F3F4}[\\u{E0030}-\\u{E0039}\\u{E0061}-\\u{E007A}]{1,6}\\u{E007F}';
// Joiners make up letters and emoji; alone, as a token, they are spelled out.
const IN_TEXT = new RegExp(`${TAGGED_FLAG}|(?![\\n\\t\\u200C\\u200D])${UNSEEN}`, 'gu');
// Fillers, variation selectors and the empty Braille cell take up room or change their neighbour, and show nothing.
const BLANK = '\\p{Default_Ignorable_Code_Point}\\u2800\\u00A0\\u1680\\u2000-\\u200A\\u202F\\u205F\\u3000';
const IN_TOKEN = new RegExp(`${UNSEEN}|[${BLANK}·↵⇥]`, 'gu');
const IN_JSON = new RegExp(`(?!\\n)${UNSEEN}`, 'gu');

const SIGNS: Readonly<Record<string, string>> = { '\n': '↵', '\r': '\\r', '\t': '⇥' };

/** Running text: line breaks and tabs stay, other unseen characters are spelled out. */
export function readableText(text: string): string {
  return text.replace(IN_TEXT, (found) => (found.length > 2 ? found : escapeCode(found)));
}

/** A title or a name on one line: white space becomes single spaces; long ones are cut between characters. */
export function oneLine(text: string, limit = 300): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line === '') return '(empty)';
  const start = cut(line, limit);
  return readableText(start === line ? line : `${start}…`);
}

/**
 * One token on one line: spaces become ·, line breaks ↵, tabs ⇥, the rest escapes, and so do tokens that are these
 * signs themselves. Long ones are cut.
 */
export function visibleToken(token: string, limit = 48): string {
  if (token === '') return '∅';
  const start = cut(token, limit);
  const shown = start
    .replace(IN_TOKEN, (character) => SIGNS[character] ?? escapeCode(character))
    .replaceAll(' ', '·')
    // A mark without a letter would be drawn over whatever stands before the token.
    .replace(/^(?=\p{M})/u, '◌');
  return start === token ? shown : `${shown}… (${token.length} characters)`;
}

/** JSON whose unseen characters are written as JSON's own escapes: safe to show, and the same to a parser. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(IN_JSON, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${hex(character.charCodeAt(at), 4).toLowerCase()}`,
    ).join(''),
  );
}

/** The beginning of a text, up to `limit` UTF-16 units, that ends where a character as users see it ends. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const context = text.slice(0, limit + MAX_CHARACTER);
  const at = GRAPHEMES.segment(context).containing(limit)?.index ?? limit;
  // Marks can be heaped on a letter without end: such a character is cut, between code points.
  if (limit - at < MAX_CHARACTER) return text.slice(0, at);
  return text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '');
}

/** Families of emoji have up to 11 UTF-16 units, with skin tones 19. */
const MAX_CHARACTER = 32;
/** Made once: setting it up takes longer than using it. */
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

function escapeCode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${hex(code, 2)}` : code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, '0');
}
