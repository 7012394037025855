/** Tokens to text, as Hugging Face's tokenizers joins them. */
import { z } from 'zod';
import { BYTES } from './byte-pieces';
import { compile, Pattern } from './pre-tokenizer';

/** Tokens' spellings to parts of a text. */
export type DecodeStep = (tokens: readonly string[]) => string[];

const ByteLevel = z.object({ type: z.literal('ByteLevel') });
const ByteFallback = z.object({ type: z.literal('ByteFallback') });
const Fuse = z.object({ type: z.literal('Fuse') });
const Metaspace = z.object({
  type: z.literal('Metaspace'),
  replacement: z.string(),
  prepend_scheme: z.enum(['always', 'first', 'never']).default('always'),
  add_prefix_space: z.boolean().optional(),
});
const Replace = z.object({ type: z.literal('Replace'), pattern: Pattern, content: z.string() });
const Strip = z.object({
  type: z.literal('Strip'),
  content: z.string(),
  start: z.int().min(0),
  stop: z.int().min(0),
});
const WordPiece = z.object({ type: z.literal('WordPiece'), prefix: z.string(), cleanup: z.boolean() });
const Bpe = z.object({ type: z.literal('BPEDecoder'), suffix: z.string() });
const Sequence = z.object({
  type: z.literal('Sequence'),
  get decoders() {
    return z.array(Decoder);
  },
});
/** tokenizer.json's `decoder`. */
export const Decoder = z.discriminatedUnion('type', [
  ByteLevel,
  ByteFallback,
  Fuse,
  Metaspace,
  Replace,
  Strip,
  WordPiece,
  Bpe,
  Sequence,
]);
export type Decoder = z.infer<typeof Decoder>;

/** @throws Error for a pattern that JavaScript has no equal of */
export function decoder(config: Decoder | null): DecodeStep {
  // Without one, tokens are words.
  if (config === null) return (tokens) => [tokens.join(' ')];
  switch (config.type) {
    case 'Sequence': {
      const steps = config.decoders.map(decoder);
      return (tokens) => steps.reduce<string[]>((parts, step) => step(parts), [...tokens]);
    }
    case 'ByteLevel':
      return byteLevel;
    case 'ByteFallback':
      return byteFallback;
    case 'Fuse':
      return (tokens) => [tokens.join('')];
    case 'Metaspace':
      return metaspace(config);
    case 'Replace': {
      const pattern = compile(config.pattern);
      return (tokens) => tokens.map((token) => token.replace(pattern, () => config.content));
    }
    case 'Strip':
      return (tokens) => tokens.map((token) => strip(token, config));
    case 'WordPiece':
      return (tokens) => tokens.map((token, i) => wordPiece(token, i === 0, config));
    case 'BPEDecoder':
      return (tokens) =>
        tokens.map((token, i) => token.replaceAll(config.suffix, i === tokens.length - 1 ? '' : ' '));
    default:
      return config satisfies never;
  }
}

const lossy = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();

/** A token with a character that stands for no byte is taken as it is written. */
function byteLevel(tokens: readonly string[]): string[] {
  const bytes: number[] = [];
  for (const token of tokens) {
    const own = Array.from(token, (character) => BYTES.get(character));
    for (const byte of own.includes(undefined) ? encoder.encode(token) : own) bytes.push(byte!);
  }
  return [lossy.decode(Uint8Array.from(bytes))];
}

function byteFallback(tokens: readonly string[]): string[] {
  const parts: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length === 0) return;
    try {
      parts.push(strict.decode(Uint8Array.from(bytes)));
    } catch {
      for (const _ of bytes) parts.push('\ufffd');
    }
    bytes = [];
  };
  for (const token of tokens) {
    const hex = /^<0x([\dA-Fa-f]{2})>$/.exec(token)?.[1];
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else {
      flush();
      parts.push(token);
    }
  }
  flush();
  return parts;
}

function metaspace({ replacement, prepend_scheme, add_prefix_space }: z.infer<typeof Metaspace>): DecodeStep {
  const prepends = prepend_scheme !== 'never' && add_prefix_space !== false;
  return (tokens) => tokens.map((token, i) => token.replaceAll(replacement, i === 0 && prepends ? '' : ' '));
}

function strip(token: string, { content, start, stop }: z.infer<typeof Strip>): string {
  const characters = [...token];
  let from = 0;
  while (from < Math.min(start, characters.length) && characters[from] === content) from++;
  let to = characters.length;
  while (to > from && characters.length - to < stop && characters[to - 1] === content) to--;
  return characters.slice(from, to).join('');
}

const CLEANED: readonly (readonly [string, string])[] = [
  ...['.', '?', '!', ',', "n't", "'m", "'s", "'ve", "'re"].map((end) => [` ${end}`, end] as const),
  [" ' ", "'"],
  [' do not', " don't"],
];

function wordPiece(token: string, isFirst: boolean, { prefix, cleanup }: z.infer<typeof WordPiece>): string {
  const joined = isFirst ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
  if (!cleanup) return joined;
  return CLEANED.reduce((text, [from, to]) => text.replaceAll(from, to), joined);
}
