/** What is between a string's quotes in a template, read as jinja2 does: by Python's `unicode-escape`. */

const SIMPLE: Record<string, string> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const DIGITS: Record<string, number> = { x: 2, u: 4, U: 8 };

/** @returns undefined for a broken escape, null for one by a character's name */
export function unescapeString(literal: string): string | undefined | null {
  if (!literal.includes('\\')) return literal;
  const ascii = toAscii(literal);
  let text = '';
  for (let at = 0; at < ascii.length; ) {
    const next = ascii.indexOf('\\', at);
    if (next < 0) return text + ascii.slice(at);
    text += ascii.slice(at, next);
    const letter = ascii[next + 1] ?? '';
    const octal = /^[0-7]{1,3}/.exec(ascii.slice(next + 1, next + 4))?.[0];
    const digits = DIGITS[letter];
    at = next + 2;
    if (letter === 'N') return null;
    if (octal) {
      text += String.fromCodePoint(Number.parseInt(octal, 8));
      at = next + 1 + octal.length;
    } else if (digits) {
      const hex = ascii.slice(at, at + digits);
      const code = new RegExp(`^[\\da-f]{${digits}}$`, 'i').test(hex) ? Number.parseInt(hex, 16) : Infinity;
      if (code > 0x10ffff) return undefined;
      text += String.fromCodePoint(code);
      at += digits;
    } else text += SIMPLE[letter] ?? `\\${letter}`;
  }
  return text;
}

/** `encode('ascii', 'backslashreplace')`: what is not ASCII becomes an escape. */
function toAscii(text: string): string {
  return text.replaceAll(/\P{ASCII}/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
    if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
    return `\\U${code.toString(16).padStart(8, '0')}`;
  });
}
