/** Texts taken apart: Python's split, rsplit and splitlines. */
import { Unsupported } from './errors';
import { BLANK_CHARACTER, stripStart } from './strip';

/** `str.split()`, at white space. @param most splits at most; −1: no limit */
export function splitBlank(text: string, most: number): string[] {
  const parts: string[] = [];
  let rest = stripStart(text);
  while (rest !== '') {
    const end = rest.search(BLANK_CHARACTER);
    if (parts.length === most || end < 0) {
      parts.push(rest);
      break;
    }
    parts.push(rest.slice(0, end));
    rest = stripStart(rest.slice(end));
  }
  return parts;
}

/** @param most splits at most */
export function splitAt(text: string, by: string, most: number): string[] {
  const parts = text.split(by);
  return parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(by)];
}

/** From the right. */
export function rsplitAt(text: string, by: string, most: number): string[] {
  const parts: string[] = [];
  let end = text.length;
  while (parts.length < most) {
    const at = end < by.length ? -1 : text.lastIndexOf(by, end - by.length);
    if (at < 0) break;
    parts.unshift(text.slice(at + by.length, end));
    end = at;
  }
  return [text.slice(0, end), ...parts];
}

export function rsplitBlank(text: string, most: number): string[] {
  if (most >= 0) throw new Unsupported('rsplit at white space with a limit');
  return splitBlank(text, -1);
}

const LINE_END = '(?:\\r\\n|[\\n-\\r\\x1c-\\x1e\\x85\\u2028\\u2029])';
const LINES = new RegExp(`[\\s\\S]*?(?:${LINE_END}|$)`, 'g');
const LAST_LINE_END = new RegExp(`${LINE_END}$`);

export function lines(text: string, keepEnds: boolean): string[] {
  const found = (text.match(LINES) ?? []).filter((line) => line !== '');
  return keepEnds ? found : found.map((line) => line.replace(LAST_LINE_END, ''));
}
