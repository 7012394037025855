/** Text from models and files made safe and readable: what cannot be seen is spelled out, never obeyed. */

// Controls, format characters (bidi marks and overrides, zero-width ones, tags), lone surrogates, separators of lines
// and paragraphs.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

// Joiners make up letters and emoji in running text; on their own, as a token, they are spelled out.
const KEPT_IN_TEXT = new Set(['\n', '\t', '\u200c', '\u200d']);

const NAMES: Readonly<Record<string, string>> = { '\n': '↵', '\r': '\\r', '\t': '⇥' };

function escapeCode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${hex(code, 2)}` : code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, '0');
}

/** Running text: line breaks and tabs stay, other unseen characters are spelled out. */
export function readableText(text: string): string {
  return text.replace(UNSEEN, (character) =>
    KEPT_IN_TEXT.has(character) ? character : escapeCode(character),
  );
}

/** One token on one line: spaces become ·, line breaks ↵, the rest as escapes; long ones are cut. */
export function visibleToken(token: string, limit = 48): string {
  if (token === '') return '∅';
  const cut = token.length > limit ? token.slice(0, limit) : token;
  const shown = cut
    .replace(UNSEEN, (character) => NAMES[character] ?? escapeCode(character))
    .replaceAll(' ', '·')
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, escapeCode);
  return cut === token ? shown : `${shown}… (${token.length} characters)`;
}
