/** Where each token of a text lies in it. */
import type { Tokenizer } from './tokenizer';

/** Bytes of the text's UTF-8, from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const SPACE = 0x20;

/**
 * By the bytes that tokens stand for, followed through the text: all of it must be found again, white space alone may
 * have been dropped. A token that is not in the text (a BOS that the tokenizer adds) has an empty span.
 * @param ids of the text, as the tokenizer encodes it
 * @returns undefined where the tokenizer changes the text (lower case, accents), so that the tokens do not tell
 */
export function tokenSpans(tokenizer: Tokenizer, text: string, ids: readonly number[]): Span[] | undefined {
  const bytes = new TextEncoder().encode(text);
  const spans: Span[] = [];
  let at = 0;
  for (const id of ids) {
    const token = tokenizer.bytes(id);
    if (!token) return undefined;
    const span = findSpan(bytes, at, token) ?? (tokenizer.isSpecial(id) ? { start: at, end: at } : undefined);
    if (!span) return undefined;
    spans.push(span);
    at = span.end;
  }
  return skipSpace(bytes, at) === bytes.length ? spans : undefined;
}

function findSpan(bytes: Uint8Array, at: number, token: Uint8Array): Span | undefined {
  const spaced = token[0] === SPACE ? token.subarray(1) : undefined;
  // White space may have been dropped from the text, or a space have been put before it.
  for (const start of [at, skipSpace(bytes, at)]) {
    if (isAt(bytes, start, token)) return { start, end: start + token.length };
    if (spaced && isAt(bytes, start, spaced)) return { start, end: start + spaced.length };
  }
  return undefined;
}

function isAt(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  return at + part.length <= bytes.length && part.every((byte, i) => bytes[at + i] === byte);
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && isSpace(bytes[at]!)) at++;
  return at;
}

function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= 0x09 && byte <= 0x0d);
}
