/** Text cut where no bracket is open. */

const OPENING = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);

/** A piece of LaTeX that stands for one thing: a command, an escaped character, a character. */
const TOKEN = /\\(?:[a-zA-Z]+|.)|./gs;

export interface Cut {
  readonly parts: readonly string[];
  /** What stood between them, one less than parts. */
  readonly separators: readonly string[];
}

/**
 * At the separators (tokens) that stand outside of brackets and environments. Brackets need not match, since [1, 2) is
 * an interval.
 */
export function cut(tex: string, separators: ReadonlySet<string>): Cut {
  const parts: string[] = [];
  const found: string[] = [];
  let depth = 0;
  let environments = 0;
  let start = 0;
  for (const { 0: token, index } of tex.matchAll(TOKEN)) {
    if (token === '\\begin') environments++;
    else if (token === '\\end') environments--;
    else if (OPENING.has(token) || token === '\\{' || token === '\\lfloor' || token === '\\lceil') depth++;
    else if (CLOSING.has(token) || token === '\\}' || token === '\\rfloor' || token === '\\rceil') depth--;
    else if (depth <= 0 && environments === 0 && separators.has(token)) {
      parts.push(tex.slice(start, index));
      found.push(token);
      start = index + token.length;
    }
  }
  parts.push(tex.slice(start));
  return { parts: parts.map((part) => part.trim()), separators: found };
}

/** What stands between brackets that hold the whole text; undefined where the first is closed before the end. */
export function unwrap(tex: string): { open: string; inner: string; close: string } | undefined {
  const tokens = [...tex.matchAll(TOKEN)];
  const open = tokens[0]?.[0] ?? '';
  const close = tokens.at(-1)?.[0] ?? '';
  const opens = OPENING.has(open) || open === '\\{';
  const closes = CLOSING.has(close) || close === '\\}';
  if (tokens.length < 2 || !opens || !closes) return undefined;
  let depth = 0;
  for (const [place, { 0: token }] of tokens.entries()) {
    if (OPENING.has(token) || token === '\\{') depth++;
    else if (CLOSING.has(token) || token === '\\}') depth--;
    if (depth <= 0 && place < tokens.length - 1) return undefined;
  }
  if (depth !== 0) return undefined;
  return { open, inner: tex.slice(open.length, tex.length - close.length).trim(), close };
}

/** The arguments of a command that the text begins with, and what follows them; undefined where braces are missing. */
export function argumentsOf(
  tex: string,
  command: string,
  count: number,
): { readonly values: readonly string[]; readonly rest: string } | undefined {
  if (!tex.startsWith(command)) return undefined;
  const closings = closingBraces(tex);
  let at = command.length;
  const values: string[] = [];
  while (values.length < count) {
    while (tex[at] === ' ') at++;
    const end = closings.get(at);
    if (end === undefined) return undefined;
    values.push(tex.slice(at + 1, end).trim());
    at = end + 1;
  }
  return { values, rest: tex.slice(at) };
}

/** Where each brace that is closed is closed: in one pass, since models open braces without end. */
export function closingBraces(tex: string): ReadonlyMap<number, number> {
  const closings = new Map<number, number>();
  const open: number[] = [];
  for (let i = 0; i < tex.length; i++) {
    if (tex[i] === '\\') i++;
    else if (tex[i] === '{') open.push(i);
    else if (tex[i] === '}') {
      const start = open.pop();
      if (start !== undefined) closings.set(start, i);
    }
  }
  return closings;
}
