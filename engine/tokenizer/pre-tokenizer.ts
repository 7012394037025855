/** Text to words, as Hugging Face's tokenizers splits it: each kind of pre-tokenizer as splits at a pattern. */
import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { toByteLevel } from './byte-pieces';

/** A stretch of text; `isFirst` where the whole text begins with it. */
interface Piece {
  readonly text: string;
  readonly isFirst: boolean;
}
export type Step = (piece: Piece) => Piece[];

export const Pattern = z.union([z.object({ String: z.string() }), z.object({ Regex: z.string() })]);
const Behavior = z.enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']);
type Behavior = z.infer<typeof Behavior>;

const ByteLevel = z.object({
  type: z.literal('ByteLevel'),
  add_prefix_space: z.boolean(),
  use_regex: z.boolean().default(true),
});
const Metaspace = z.object({
  type: z.literal('Metaspace'),
  replacement: z.string(),
  prepend_scheme: z.enum(['always', 'first', 'never']).default('always'),
  add_prefix_space: z.boolean().optional(),
  split: z.boolean().default(true),
});
const Split = z.object({
  type: z.literal('Split'),
  pattern: Pattern,
  behavior: Behavior,
  invert: z.boolean().default(false),
});
const Digits = z.object({ type: z.literal('Digits'), individual_digits: z.boolean().default(false) });
const Punctuation = z.object({ type: z.literal('Punctuation'), behavior: Behavior.default('Isolated') });
const Delimiter = z.object({ type: z.literal('CharDelimiterSplit'), delimiter: z.string() });
const FixedLength = z.object({ type: z.literal('FixedLength'), length: z.int().positive() });
const Plain = z.object({ type: z.enum(['Whitespace', 'WhitespaceSplit', 'BertPreTokenizer']) });
const Sequence = z.object({
  type: z.literal('Sequence'),
  get pretokenizers() {
    return z.array(PreTokenizer);
  },
});
/** tokenizer.json's `pre_tokenizer`. */
export const PreTokenizer = z.discriminatedUnion('type', [
  ByteLevel,
  Metaspace,
  Split,
  Digits,
  Punctuation,
  Delimiter,
  FixedLength,
  Plain,
  Sequence,
]);
export type PreTokenizer = z.infer<typeof PreTokenizer>;

/** Rust's \w. */
export const WORD = String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`;
const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const PUNCTUATION = String.raw`[\p{P}!-/:-@\[-\x60{-~]`;

/** @throws Error for a pattern that JavaScript has no equal of */
export function preTokenizer(config: PreTokenizer | null): Step {
  if (config === null) return (piece) => [piece];
  switch (config.type) {
    case 'Sequence':
      return inTurn(config.pretokenizers.map(preTokenizer));
    case 'Split':
      return split(compile(config.pattern), config.behavior, config.invert);
    case 'ByteLevel':
      return inTurn([
        ...(config.add_prefix_space ? [prepend(' ', true)] : []),
        ...(config.use_regex ? [splitAt(GPT2, 'Isolated')] : []),
        ({ text, isFirst }) => [{ text: toByteLevel(text), isFirst }],
      ]);
    case 'Metaspace':
      return metaspace(config);
    case 'Digits':
      return splitAt(String.raw`\p{N}`, config.individual_digits ? 'Isolated' : 'Contiguous');
    case 'Punctuation':
      return splitAt(PUNCTUATION, config.behavior);
    case 'CharDelimiterSplit':
      return split(compile({ String: config.delimiter }), 'Removed');
    case 'FixedLength':
      return splitAt(`(?:.|\\n){1,${config.length}}`, 'Isolated');
    case 'Whitespace':
      return split(new RegExp(`${WORD}+|(?:(?!${WORD})\\P{White_Space})+`, 'gu'), 'Removed', true);
    case 'WhitespaceSplit':
      return splitAt(String.raw`\s`, 'Removed');
    case 'BertPreTokenizer':
      return inTurn([splitAt(String.raw`\s`, 'Removed'), splitAt(PUNCTUATION, 'Isolated')]);
    default:
      return config satisfies never;
  }
}

function inTurn(steps: readonly Step[]): Step {
  return (piece) => steps.reduce((pieces, step) => pieces.flatMap(step), [piece]);
}

function splitAt(regex: string, behavior: Behavior): Step {
  return split(compile({ Regex: regex }), behavior);
}

function metaspace({
  replacement,
  prepend_scheme,
  add_prefix_space,
  split: splits,
}: z.infer<typeof Metaspace>) {
  const scheme = add_prefix_space === false ? 'never' : prepend_scheme;
  const steps: Step[] = [
    ({ text, isFirst }) => [{ text: text.replaceAll(' ', replacement), isFirst }],
    ...(scheme === 'never' ? [] : [prepend(replacement, scheme === 'always')]),
    ...(splits ? [split(compile({ String: replacement }), 'MergedWithNext')] : []),
  ];
  return inTurn(steps);
}

function prepend(prefix: string, always: boolean): Step {
  return ({ text, isFirst }) => {
    const isLacking = (always || isFirst) && !text.startsWith(prefix);
    return [{ text: isLacking ? prefix + text : text, isFirst }];
  };
}

/** The library knows how Oniguruma's patterns are written in JavaScript. @throws Error */
export function compile(pattern: z.infer<typeof Pattern>): RegExp {
  if ('String' in pattern) return new RegExp(escaped(pattern.String), 'gu');
  const config = { type: 'Split' as const, pattern, behavior: 'Isolated' as const, invert: false };
  const { pattern: compiled } = new SplitPreTokenizer(config);
  if (!compiled) throw new Error(`the pattern ${pattern.Regex} cannot be used`);
  return compiled;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

interface Range {
  start: number;
  end: number;
}

/** NormalizedString::split. Empty pieces are left out. */
function split(pattern: RegExp, behavior: Behavior, invert = false): Step {
  return ({ text, isFirst }) => {
    const kept: Range[] = [];
    let wasMatch = false;
    const ranges = [...matchesAndGaps(text, pattern)];
    if (behavior === 'MergedWithNext') ranges.reverse();
    for (const range of ranges) {
      const isMatch = range.isMatch !== invert;
      const last = kept.at(-1);
      const joins =
        behavior === 'Contiguous'
          ? isMatch === wasMatch
          : behavior.startsWith('Merged') && isMatch && !wasMatch;
      if (joins && last) {
        last.start = Math.min(last.start, range.start);
        last.end = Math.max(last.end, range.end);
      } else if (behavior !== 'Removed' || !isMatch) kept.push({ start: range.start, end: range.end });
      wasMatch = isMatch;
    }
    if (behavior === 'MergedWithNext') kept.reverse();
    return kept
      .filter(({ start, end }) => start < end)
      .map(({ start, end }) => ({ text: text.slice(start, end), isFirst: isFirst && start === 0 }));
  };
}

function* matchesAndGaps(text: string, pattern: RegExp): Generator<Range & { isMatch: boolean }> {
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (end < match.index) yield { start: end, end: match.index, isMatch: false };
    yield { start: match.index, end: match.index + match[0].length, isMatch: true };
    end = match.index + match[0].length;
  }
  if (end < text.length) yield { start: end, end: text.length, isMatch: false };
}
