/** The loss's scope: which prompt tokens a delta is learned from, as a setting, in a short notation and in words. */
import { z } from 'zod';
import { MAX_LIST, TokenId } from './limits';

/** More would swamp float32 beside the other tokens. */
const MAX_WEIGHT = 1_000_000;

/** Prompt tokens `first` to `last`, both included, counted from 0; the first token of a prompt is never predicted. */
export const TokenRange = z
  .strictObject({
    first: TokenId,
    last: TokenId,
    /** Of each token's cross-entropy, beside those of the others. */
    weight: z.number().min(0).max(MAX_WEIGHT).default(1),
  })
  .refine(({ first, last }) => first <= last, 'a range begins after its end');
export type TokenRange = z.infer<typeof TokenRange>;

/**
 * The prompt tokens whose cross-entropy the loss is the weighted mean of. A weight belongs to the token that is
 * predicted: that of token i + 1 counts the prediction made at position i.
 */
export const Scope = z.discriminatedUnion('kind', [
  /** All but the first, as in the reference. */
  z.strictObject({ kind: z.literal('whole') }),
  /** What users wrote. */
  z.strictObject({ kind: z.literal('user') }),
  z.strictObject({ kind: z.literal('last-user') }),
  /** What the messages hold, without what the chat template writes around and before them. */
  z.strictObject({ kind: z.literal('no-template') }),
  /** Without the system message, the template's own included, and the markers of its turn. */
  z.strictObject({ kind: z.literal('no-system') }),
  z.strictObject({ kind: z.literal('from'), first: TokenId }),
  /** The later of two ranges counts where they overlap. */
  z.strictObject({ kind: z.literal('tokens'), ranges: z.array(TokenRange).min(1).max(MAX_LIST) }),
]);
export type Scope = z.infer<typeof Scope>;

export const SCOPE_KINDS = [
  'whole',
  'user',
  'last-user',
  'no-template',
  'no-system',
  'from',
  'tokens',
] as const;

export const SCOPE_NOTATION = 'whole, user, last-user, no-template, no-system, from:N or tokens:2-5,9x0.5';

const RANGE = /^(\d{1,7})(?:-(\d{1,7}))?(?:x(\S*))?$/;

/**
 * Texts count tokens from 1. Ranges stand between commas or, where those part lanes, between plus signs.
 * @returns what is wrong with it, where it is none
 */
export function readScope(text: string): Scope | { readonly problem: string } {
  const [, kind = '', rest] = /^([a-z-]+)(?::(.*))?$/s.exec(text.trim()) ?? [];
  if (kind === 'tokens') return readTokens(rest ?? '');
  if (kind === 'from') {
    const first = Number(/^\d{1,7}$/.exec(rest?.trim() ?? '') ?? 0);
    return first > 0
      ? { kind, first: first - 1 }
      : { problem: 'from:N takes the number of a token, from 1 on' };
  }
  const read = Scope.safeParse({ kind });
  if (read.success && rest === undefined) return read.data;
  return { problem: `"${text}" is no scope: ${SCOPE_NOTATION}` };
}

function readTokens(text: string): Scope | { readonly problem: string } {
  const ranges: TokenRange[] = [];
  for (const part of text.split(/[,+]/).map((each) => each.trim())) {
    const [, first, last = first, weight] = RANGE.exec(part) ?? [];
    if (first === undefined || Number(first) === 0)
      return { problem: `"${part}" names no tokens: write them as 2-5,9, counted from 1` };
    if (weight?.trim() === '') return { problem: `"${part}" has no weight after its x` };
    const read = TokenRange.safeParse({
      first: Number(first) - 1,
      last: Number(last) - 1,
      ...(weight === undefined ? {} : { weight: Number(weight) }),
    });
    if (!read.success) {
      const { path, message } = read.error.issues[0]!;
      const isWeight = path[0] === 'weight';
      return {
        problem: isWeight
          ? `the weight of "${part}" must be a number from 0 to ${MAX_WEIGHT}`
          : `"${part}": ${message}`,
      };
    }
    ranges.push(read.data);
  }
  const read = Scope.safeParse({ kind: 'tokens', ranges });
  return read.success ? read.data : { problem: `at most ${MAX_LIST} ranges of tokens` };
}

/** As `readScope` reads it. @param between ranges */
export function writeScope(scope: Scope, between: ',' | '+' = ','): string {
  if (scope.kind === 'from') return `from:${scope.first + 1}`;
  if (scope.kind !== 'tokens') return scope.kind;
  const ranges = scope.ranges.map(({ first, last, weight }) => {
    const tokens = first === last ? `${first + 1}` : `${first + 1}-${last + 1}`;
    return weight === 1 ? tokens : `${tokens}x${weight}`;
  });
  return `tokens:${ranges.join(between)}`;
}

/** In words that follow "learned from": "the last user turn". */
export function describeScope(scope: Scope): string {
  switch (scope.kind) {
    case 'whole':
      return 'the whole prompt';
    case 'user':
      return 'the user turns';
    case 'last-user':
      return 'the last user turn';
    case 'no-template':
      return 'the messages, without template tokens';
    case 'no-system':
      return 'the prompt without its system turn';
    case 'from':
      return `token ${scope.first + 1} on`;
    case 'tokens':
      return `tokens ${writeScope(scope).slice('tokens:'.length)}`;
    default:
      return scope satisfies never;
  }
}
