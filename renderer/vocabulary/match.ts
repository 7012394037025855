/** Which tokens a search or a group's definition means: the work of the matching worker, and tested without it. */

export type Query =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'pattern'; readonly source: string; readonly flags: string }
  /** All tokens, by their text. */
  | { readonly kind: 'order' }
  /** As the engine resolves a group: equal to a word in one of its spellings, or matching the pattern. */
  | { readonly kind: 'group'; readonly words: readonly string[]; readonly pattern: string | null };

/** `/pattern/flags` is a regular expression, all else the text itself; null asks for nothing. */
export function parseQuery(input: string): Query | null {
  if (input === '') return null;
  const [, source, flags = ''] = /^\/(.+)\/([a-z]*)$/su.exec(input) ?? [];
  return source === undefined ? { kind: 'text', text: input } : { kind: 'pattern', source, flags };
}

/** What is wrong with a query before any token is looked at; null where nothing is. */
export function queryProblem(query: Query | null): string | null {
  if (query === null || query.kind === 'text' || query.kind === 'order') return null;
  if (query.kind === 'group' && query.pattern === null) return null;
  try {
    if (query.kind === 'pattern') compile(query.source, query.flags);
    else new RegExp(query.pattern ?? '', 'u');
    return null;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    // "Invalid regular expression: /(/u: Unterminated group": the reason is what helps.
    return message.replace(/^Invalid regular expression: (?:\/.*\/[a-z]*: )?/su, '');
  }
}

/** Ids in order. @throws SyntaxError for a pattern that does not compile */
export function matchTokens(tokens: readonly string[], query: Query): Uint32Array {
  if (query.kind === 'order') return textOrder(tokens);
  const matches = matcherOf(query);
  const ids: number[] = [];
  for (let id = 0; id < tokens.length; id++) if (matches(tokens[id]!)) ids.push(id);
  return Uint32Array.from(ids);
}

/** By code unit; equal texts by id. */
function textOrder(tokens: readonly string[]): Uint32Array {
  const ids = Uint32Array.from(tokens, (_, id) => id);
  return ids.sort((a, b) => (tokens[a]! < tokens[b]! ? -1 : tokens[a]! > tokens[b]! ? 1 : a - b));
}

function matcherOf(query: Exclude<Query, { kind: 'order' }>): (token: string) => boolean {
  switch (query.kind) {
    case 'text': {
      // A token copied from the screen shows its spaces and breaks as signs.
      const meant = query.text.replaceAll('·', ' ').replaceAll('↵', '\n').replaceAll('⇥', '\t');
      if (meant === query.text) return (token) => token.includes(meant);
      return (token) => token.includes(query.text) || token.includes(meant);
    }
    case 'pattern': {
      const expression = compile(query.source, query.flags);
      return (token) => expression.test(token);
    }
    default: {
      const forms = new Set(query.words.flatMap(spellings));
      const expression = query.pattern === null ? null : new RegExp(query.pattern, 'u');
      return (token) => forms.has(token) || (expression?.test(token) ?? false);
    }
  }
}

/** Flags that keep a place between tests (g, y) would skip matches. */
function compile(source: string, flags: string): RegExp {
  const stateless = flags.replace(/[gy]/g, '');
  return new RegExp(source, /[uv]/.test(stateless) ? stateless : `${stateless}u`);
}

function spellings(word: string): string[] {
  const capitalised = word.charAt(0).toUpperCase() + word.slice(1);
  return [word, capitalised].flatMap((form) => [form, ` ${form}`]);
}

/** A vocabulary as one text and where each token ends: far cheaper to send than 150,000 strings. */
export interface PackedTokens {
  readonly text: string;
  readonly ends: Uint32Array;
}

export function packTokens(tokens: readonly string[]): PackedTokens {
  const ends = new Uint32Array(tokens.length);
  let end = 0;
  for (let id = 0; id < tokens.length; id++) {
    end += tokens[id]!.length;
    ends[id] = end;
  }
  return { text: tokens.join(''), ends };
}

export function unpackTokens({ text, ends }: PackedTokens): string[] {
  return Array.from(ends, (end, id) => text.slice(id === 0 ? 0 : ends[id - 1], end));
}

/** 1 for each id of the list. */
export function maskOf(ids: ArrayLike<number>, size: number): Uint8Array {
  const mask = new Uint8Array(size);
  // Ids beyond the size are not kept: a typed array has no room for them.
  for (let at = 0; at < ids.length; at++) mask[ids[at]!] = 1;
  return mask;
}

/** How many tokens a mask lets through. */
export function countOf(mask: Uint8Array): number {
  let count = 0;
  for (let id = 0; id < mask.length; id++) count += mask[id]!;
  return count;
}

/** Both at once; null lets everything through. */
export function bothMasks(a: Uint8Array | null, b: Uint8Array | null): Uint8Array | null {
  if (a === null || b === null) return a ?? b;
  return a.map((value, id) => value & (b[id] ?? 0));
}
