/** Text before it is split, as Hugging Face's tokenizers normalises it: each kind as replacements and Unicode's own forms. */
import { z } from 'zod';
import { toByteLevel } from './byte-pieces';
import { compile, Pattern } from './pre-tokenizer';
import { precompiled } from './precompiled';

type Normalize = (text: string) => string;

const Plain = z.object({
  type: z.enum(['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents', 'Nmt', 'ByteLevel']),
});
const Replace = z.object({ type: z.literal('Replace'), pattern: Pattern, content: z.string() });
const Prepend = z.object({ type: z.literal('Prepend'), prepend: z.string() });
const Strip = z.object({ type: z.literal('Strip'), strip_left: z.boolean(), strip_right: z.boolean() });
const Bert = z.object({
  type: z.literal('BertNormalizer'),
  clean_text: z.boolean(),
  handle_chinese_chars: z.boolean(),
  strip_accents: z.boolean().nullish(),
  lowercase: z.boolean(),
});
const Precompiled = z.object({ type: z.literal('Precompiled'), precompiled_charsmap: z.string() });
const Sequence = z.object({
  type: z.literal('Sequence'),
  get normalizers() {
    return z.array(Normalizer);
  },
});
/** tokenizer.json's `normalizer`. */
export const Normalizer = z.discriminatedUnion('type', [
  Plain,
  Replace,
  Prepend,
  Strip,
  Bert,
  Precompiled,
  Sequence,
]);
export type Normalizer = z.infer<typeof Normalizer>;

/** @throws Error for a pattern that JavaScript has no equal of */
export function normalizer(config: Normalizer | null): Normalize {
  if (config === null) return (text) => text;
  switch (config.type) {
    case 'Sequence':
      return inTurn(config.normalizers.map(normalizer));
    case 'Replace': {
      const pattern = compile(config.pattern);
      return (text) => text.replace(pattern, () => config.content);
    }
    case 'Prepend':
      return (text) => (text === '' ? text : config.prepend + text);
    case 'Strip':
      return strip(config);
    case 'BertNormalizer':
      return bert(config);
    case 'Precompiled':
      return precompiled(config.precompiled_charsmap);
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (text) => text.normalize(config.type);
    case 'Lowercase':
      return lowercase;
    case 'StripAccents':
      return (text) => text.replace(/\p{M}/gu, '');
    case 'Nmt':
      return nmt;
    case 'ByteLevel':
      return toByteLevel;
    default:
      return config satisfies never;
  }
}

function inTurn(steps: readonly Normalize[]): Normalize {
  return (text) => steps.reduce((normalized, step) => step(normalized), text);
}

/** Character by character: JavaScript would write a final sigma as another letter, Rust does not. */
function lowercase(text: string): string {
  return Array.from(text, (character) => character.toLowerCase()).join('');
}

function strip({ strip_left, strip_right }: z.infer<typeof Strip>): Normalize {
  return (text) => {
    const left = strip_left ? text.replace(/^\p{White_Space}+/u, '') : text;
    return strip_right ? left.replace(/\p{White_Space}+$/u, '') : left;
  };
}

/** SentencePiece's nmt: removes control characters and writes every kind of space as U+0020. */
function nmt(text: string): string {
  return text
    .replace(/(?![\0\t\n\f\r\x80-\x8e\x90-\x9e])\p{Cc}/gu, '')
    .replace(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g, ' ');
}

const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

function bert(config: z.infer<typeof Bert>): Normalize {
  const steps: Normalize[] = [];
  if (config.clean_text) {
    steps.push((text) => text.replace(/\ufffd|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, ''));
    steps.push((text) => text.replace(/\p{White_Space}/gu, ' '));
  }
  if (config.handle_chinese_chars) steps.push((text) => text.replace(CHINESE, ' $& '));
  if (config.strip_accents ?? config.lowercase) {
    steps.push((text) => text.normalize('NFD').replace(/\p{Mn}/gu, ''));
  }
  if (config.lowercase) steps.push(lowercase);
  return inTurn(steps);
}
