/** Upper and lower case. JavaScript's full mappings are Python's; it has none for titles. */
import { Unsupported } from './errors';

export const upper = (text: string) => text.toUpperCase();
export const lower = (text: string) => text.toLowerCase();

/** `str.capitalize` */
export function capitalized(text: string): string {
  const first = String.fromCodePoint(text.codePointAt(0) ?? 0);
  if (text === '') return text;
  return titleCharacter(first) + lower(text).slice(lower(first).length);
}

/** `str.title`: each run of letters with a case. */
export function titled(text: string): string {
  if (text.includes('Σ')) throw new Unsupported('a title with Σ');
  let isInWord = false;
  let result = '';
  for (const character of text) {
    result += isInWord ? lower(character) : titleCharacter(character);
    isInWord = /[\p{Lowercase}\p{Uppercase}\p{Lt}]/u.test(character);
  }
  return result;
}

/** @throws Unsupported for a character whose title form is a third one */
function titleCharacter(character: string): string {
  if (/[\u01c4-\u01cc\u01f1-\u01f3\u10d0-\u10ff]/.test(character))
    throw new Unsupported(`${character} in a title`);
  const form = upper(character);
  if ([...form].length > 1) throw new Unsupported(`${character} in a title`);
  return form;
}

/** `str.isupper`, `str.islower`: at least one letter with a case, and none of the other. */
export function isCased(text: string, wanted: 'upper' | 'lower'): boolean {
  const [has, other] =
    wanted === 'upper'
      ? [/\p{Uppercase}/u, /\p{Lowercase}|\p{Lt}/u]
      : [/\p{Lowercase}/u, /\p{Uppercase}|\p{Lt}/u];
  return has.test(text) && !other.test(text);
}
