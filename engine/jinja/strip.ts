/** White space as Python has it: U+001C to U+001F and U+0085 are, U+FEFF is not. */

/** A character of white space, for a regular expression. */
export const BLANK =
  '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const BLANKS = new RegExp(`^${BLANK}+$`);
export const BLANK_CHARACTER = new RegExp(BLANK);

/** Whether `text` is white space, of which there is some: `str.isspace`. */
export function isBlank(text: string): boolean {
  return BLANKS.test(text);
}

/** `str.lstrip`; @param chars the code points to take, white space where left out */
export function stripStart(text: string, chars?: string): string {
  const taken = takes(chars);
  let start = 0;
  while (start < text.length) {
    const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
    if (!taken(character)) break;
    start += character.length;
  }
  return text.slice(start);
}

/** `str.rstrip` */
export function stripEnd(text: string, chars?: string): string {
  const taken = takes(chars);
  let end = text.length;
  while (end > 0) {
    const pair = text.slice(Math.max(0, end - 2), end);
    const character =
      pair.length === 2 && (pair.codePointAt(0) ?? 0) > 0xffff ? pair : text.slice(end - 1, end);
    if (!taken(character)) break;
    end -= character.length;
  }
  return text.slice(0, end);
}

/** `str.strip` */
export function strip(text: string, chars?: string): string {
  return stripEnd(stripStart(text, chars), chars);
}

function takes(chars: string | undefined): (character: string) => boolean {
  if (chars === undefined) return (character) => BLANK_CHARACTER.test(character);
  const set = new Set(chars);
  return (character) => set.has(character);
}
