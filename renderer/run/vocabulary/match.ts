/** Which tokens a search or a group's definition means: the work of the matching worker, and tested without it. */
import {
  compilePattern,
  type GroupMembers,
  memberTest,
  patternProblem,
  readPattern,
  type TokenPattern,
} from '../../../engine/protocol/token-query';
import { assertNever } from '../../ui/assert-never';

export type Query =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'pattern' } & TokenPattern)
  /** The token of that id; where it may be meant as text too, also those whose text has the digits. */
  | { readonly kind: 'id'; readonly tokenId: number; readonly text: string | null }
  /** All tokens, by their text. */
  | { readonly kind: 'order' }
  /** The members of a group, as the engine finds them. */
  | ({ readonly kind: 'group' } & GroupMembers);

/** `/pattern/flags` is a regular expression, `#1234` an id, `1234` either, all else the text itself; null asks for nothing. */
export function parseQuery(input: string): Query | null {
  if (input === '') return null;
  const pattern = readPattern(input);
  if (pattern) return { kind: 'pattern', ...pattern };
  const id = /^(#?)(\d{1,10})$/.exec(input);
  if (!id) return { kind: 'text', text: input };
  return { kind: 'id', tokenId: Number(id[2]), text: id[1] === '' ? input : null };
}

/** What is wrong with a query before any token is looked at; null where nothing is. */
export function queryProblem(query: Query | null): string | null {
  if (query?.kind === 'pattern') return patternProblem(query);
  const pattern = query?.kind === 'group' ? patternOf(query) : null;
  return pattern && patternProblem(pattern);
}

/** Ids in order. @throws SyntaxError for a pattern that does not compile */
export function matchTokens(tokens: readonly string[], query: Query): Uint32Array {
  if (query.kind === 'order') return textOrder(tokens);
  const matches = matcherOf(query);
  const ids: number[] = [];
  for (let id = 0; id < tokens.length; id++) if (matches(tokens[id]!, id)) ids.push(id);
  return Uint32Array.from(ids);
}

/** By code unit; equal texts by id. */
function textOrder(tokens: readonly string[]): Uint32Array {
  const ids = Uint32Array.from(tokens, (_, id) => id);
  return ids.sort((a, b) => (tokens[a]! < tokens[b]! ? -1 : tokens[a]! > tokens[b]! ? 1 : a - b));
}

function matcherOf(query: Exclude<Query, { kind: 'order' }>): (token: string, id: number) => boolean {
  switch (query.kind) {
    case 'text': {
      // A token copied from the screen shows its spaces and breaks as signs.
      const meant = query.text.replaceAll('·', ' ').replaceAll('↵', '\n').replaceAll('⇥', '\t');
      if (meant === query.text) return (token) => token.includes(meant);
      return (token) => token.includes(query.text) || token.includes(meant);
    }
    case 'pattern': {
      const expression = compilePattern(query);
      return (token) => expression.test(token);
    }
    case 'id': {
      const { tokenId, text } = query;
      return (token, id) => id === tokenId || (text !== null && token.includes(text));
    }
    case 'group':
      return memberTest(query);
    default:
      return assertNever(query);
  }
}

function patternOf({ pattern, flags }: GroupMembers): TokenPattern | null {
  return pattern === undefined ? null : { pattern, flags };
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
