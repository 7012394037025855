/** What a GGUF's metadata says of its tokenizer, checked. It is a stranger's: every count and length is bounded. */
import { z } from 'zod';
import { badInput } from '../../protocol';
import { StringList } from './string-list';

/** Keys and values as the file has them. */
export interface MetadataValues {
  get(key: string): unknown;
}

/** The largest vocabularies have 2^18 tokens, and about as many merges. */
const MAX_TOKENS = 2 ** 20;
const MAX_MERGES = 2 ** 21;
/** The longest tokens in use are lines of spaces and dashes, of some hundred characters. */
const MAX_TOKEN = 2 ** 12;
const MAX_TEMPLATE = 2 ** 20;

/** ggml's kinds of token, in its numbers. */
export const TokenType = { NORMAL: 1, UNKNOWN: 2, CONTROL: 3, USER_DEFINED: 4, UNUSED: 5, BYTE: 6 } as const;

// By hand: a schema for each of some 200,000 entries would take a second.
function texts(most: number, longest: number) {
  const isFit = (list: readonly unknown[]) =>
    list.every((text) => typeof text === 'string' && text.length <= longest);
  return z.preprocess(
    (list) => (list instanceof StringList && list.length <= most ? [...list] : list),
    z.custom<readonly string[]>(
      (list) => Array.isArray(list) && list.length <= most && isFit(list),
      `no list of at most ${most} texts of at most ${longest} characters`,
    ),
  );
}
const Numbers = z.custom<ArrayLike<number>>(
  (list) =>
    (ArrayBuffer.isView(list) && !(list instanceof DataView)) ||
    (Array.isArray(list) && list.length <= MAX_TOKENS && list.every((item) => typeof item === 'number')),
  'no list of numbers',
);
const Id = z.int().min(0).optional();

const Fields = z.object({
  'general.architecture': z.string().max(256),
  'tokenizer.ggml.model': z.string().max(256),
  'tokenizer.ggml.pre': z.string().max(256).optional(),
  'tokenizer.ggml.tokens': texts(MAX_TOKENS, MAX_TOKEN),
  'tokenizer.ggml.token_type': Numbers.optional(),
  'tokenizer.ggml.scores': Numbers.optional(),
  'tokenizer.ggml.merges': texts(MAX_MERGES, 2 * MAX_TOKEN).optional(),
  'tokenizer.ggml.bos_token_id': Id,
  'tokenizer.ggml.eos_token_id': Id,
  'tokenizer.ggml.eot_token_id': Id,
  'tokenizer.ggml.eom_token_id': Id,
  'tokenizer.ggml.unknown_token_id': Id,
  'tokenizer.ggml.padding_token_id': Id,
  'tokenizer.ggml.add_bos_token': z.boolean().optional(),
  'tokenizer.ggml.add_eos_token': z.boolean().optional(),
  'tokenizer.ggml.add_space_prefix': z.boolean().optional(),
  'tokenizer.chat_template': z.string().max(MAX_TEMPLATE).optional(),
});

type IdName = 'bos' | 'eos' | 'eot' | 'eom' | 'unknown' | 'padding';

export interface TokenizerMetadata {
  readonly architecture: string;
  /** `gpt2` is byte-level BPE, `llama` SentencePiece's. */
  readonly model: string;
  /** llama.cpp's name of how a text is split into words before BPE. */
  readonly pre: string | undefined;
  readonly tokens: readonly string[];
  /** By id; all of them are normal where the file says nothing. */
  readonly types: ArrayLike<number> | undefined;
  readonly scores: ArrayLike<number> | undefined;
  readonly merges: readonly string[] | undefined;
  /** Those that are within the vocabulary. */
  readonly ids: Readonly<Record<IdName, number | undefined>>;
  readonly addBos: boolean | undefined;
  readonly addEos: boolean | undefined;
  readonly addSpacePrefix: boolean | undefined;
  readonly template: string | undefined;
}

/** @throws EngineError `tokenizer` naming the key that is missing or wrong */
export function tokenizerMetadata(metadata: MetadataValues, path: string): TokenizerMetadata {
  const values = Object.keys(Fields.shape).map((key) => [key, metadata.get(key)]);
  const parsed = Fields.safeParse(Object.fromEntries(values));
  if (!parsed.success) {
    const { path: at, message } = parsed.error.issues[0]!;
    const key = String(at[0]);
    throw unusable(path, metadata.get(key) !== undefined ? `its ${key}: ${message}` : `it has no ${key}`);
  }
  const fields = parsed.data;
  const tokens = fields['tokenizer.ggml.tokens'];
  const id = (name: IdName) => {
    const value = fields[`tokenizer.ggml.${name}_token_id`];
    return value !== undefined && value < tokens.length ? value : undefined;
  };
  for (const key of ['tokenizer.ggml.token_type', 'tokenizer.ggml.scores'] as const) {
    const { length } = fields[key] ?? tokens;
    if (length < tokens.length) throw unusable(path, `its ${key}: ${length} for ${tokens.length} tokens`);
  }
  return {
    architecture: fields['general.architecture'],
    model: fields['tokenizer.ggml.model'],
    pre: fields['tokenizer.ggml.pre'],
    tokens,
    types: fields['tokenizer.ggml.token_type'],
    scores: fields['tokenizer.ggml.scores'],
    merges: fields['tokenizer.ggml.merges'],
    ids: {
      bos: id('bos'),
      eos: id('eos'),
      eot: id('eot'),
      eom: id('eom'),
      unknown: id('unknown'),
      padding: id('padding'),
    },
    addBos: fields['tokenizer.ggml.add_bos_token'],
    addEos: fields['tokenizer.ggml.add_eos_token'],
    addSpacePrefix: fields['tokenizer.ggml.add_space_prefix'],
    template: fields['tokenizer.chat_template'],
  };
}

export function unusable(path: string, why: string) {
  return badInput('tokenizer', `the tokenizer in ${path} cannot be used: ${why}`);
}
