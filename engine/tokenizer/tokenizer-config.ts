/** What the files beside tokenizer.json say of special and added tokens, read in transformers' order. */
import { z } from 'zod';
import type { ModelConfig } from '../config/config';
import { AddedToken } from './added-tokens';
import { type TokenizerClass, tokenizerClass } from './tokenizer-classes';
import type { TokenizerJson } from './tokenizer-json';

/** In the order in which transformers adds those that tokenizer.json does not have. */
export const SPECIAL_TOKENS = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;
type SpecialName = (typeof SPECIAL_TOKENS)[number];
const SpecialToken = z.union([z.string(), AddedToken]).nullish();

const SpecialTokens = z.object({
  bos_token: SpecialToken,
  eos_token: SpecialToken,
  unk_token: SpecialToken,
  sep_token: SpecialToken,
  pad_token: SpecialToken,
  cls_token: SpecialToken,
  mask_token: SpecialToken,
  additional_special_tokens: z.array(z.union([z.string(), AddedToken])).nullish(),
});

/** special_tokens_map.json. */
export const SpecialTokensMap = SpecialTokens.loose();
/** added_tokens.json: contents and ids. */
export const AddedTokensFile = z.record(z.string(), z.int());

export const Templates = z.looseObject({
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
});

export const TokenizerConfig = Templates.extend(SpecialTokens.shape).extend({
  tokenizer_class: z.string().nullish(),
  add_bos_token: z.boolean().nullish(),
  add_eos_token: z.boolean().nullish(),
  add_prefix_space: z.boolean().nullish(),
  split_special_tokens: z.boolean().nullish(),
  added_tokens_decoder: z.record(z.string().regex(/^\d+$/), AddedToken).optional(),
  /** More of them by names of the model's own; older files have a list. */
  extra_special_tokens: z.union([z.record(z.string(), SpecialToken), z.array(z.string())]).nullish(),
  do_lower_case: z.boolean().nullish(),
  strip_accents: z.boolean().nullish(),
  tokenize_chinese_chars: z.boolean().nullish(),
});
export type TokenizerConfig = z.infer<typeof TokenizerConfig>;

export interface TokenizerFiles {
  readonly json: TokenizerJson;
  readonly config: TokenizerConfig;
  readonly specialTokens: z.infer<typeof SpecialTokensMap> | undefined;
  readonly addedTokens: z.infer<typeof AddedTokensFile> | undefined;
  readonly modelType: ModelConfig['model_type'];
}

export interface TokenizerSettings {
  /** tokenizer_config.json with its class's defaults, and special_tokens_map.json's tokens where those count. */
  readonly config: TokenizerConfig;
  readonly kind: TokenizerClass;
  /** What is added to the vocabulary, in order. */
  readonly added: readonly AddedToken[];
}

/**
 * As `PreTrainedTokenizerFast.from_pretrained` puts them together: with an `added_tokens_decoder`, that alone
 * counts; without one, special_tokens_map.json overrules tokenizer_config.json, and added_tokens.json is read as well.
 */
export function tokenizerSettings(files: TokenizerFiles): TokenizerSettings {
  const { json } = files;
  const kind = tokenizerClass(files.config.tokenizer_class, files.modelType);
  const own = json.added_tokens ?? [];
  const decoder = files.config.added_tokens_decoder;
  const config = withDefaults(decoder ? files.config : withSpecialTokensMap(files), kind);
  const named = namedTokens(config);
  const contents = new Set(named.map(contentOf));
  const byId = decoder
    ? Object.entries(decoder).map(([id, token]) => [Number(id), token] as const)
    : [...addedTokens(files.addedTokens, contents), ...own.map((token) => [idOf(token), token] as const)];
  // A later one of the same id takes the earlier one's place.
  const more = [...new Map(byId)]
    .sort(([a], [b]) => a - b)
    .map(([, token]) => ({ ...token, special: token.special || contents.has(token.content) }));
  const known = new Set([...own, ...more].map(contentOf));
  const rest = named.filter((token) => !known.has(contentOf(token))).map(asAdded);
  return { config, kind, added: [...own, ...more, ...rest] };
}

export function contentOf(token: string | AddedToken): string {
  return typeof token === 'string' ? token : token.content;
}

function withDefaults(config: TokenizerConfig, { defaults }: TokenizerClass): TokenizerConfig {
  const full: TokenizerConfig = { ...config };
  for (const name of SPECIAL_TOKENS) if (config[name] === undefined) full[name] = defaults[name];
  return full;
}

function withSpecialTokensMap({ config, specialTokens }: TokenizerFiles): TokenizerConfig {
  if (!specialTokens) return config;
  const merged: TokenizerConfig = { ...config };
  const set = (name: SpecialName) => {
    if (name in specialTokens) merged[name] = specialTokens[name];
  };
  for (const name of SPECIAL_TOKENS) set(name);
  const { additional_special_tokens: more } = specialTokens;
  if (more) merged.additional_special_tokens = [...(config.additional_special_tokens ?? []), ...more];
  return merged;
}

/** Each once, in order. */
function namedTokens(config: TokenizerConfig): (string | AddedToken)[] {
  const extra = config.extra_special_tokens ?? {};
  const all = [
    ...SPECIAL_TOKENS.map((name) => config[name]),
    ...(config.additional_special_tokens ?? []),
    ...(Array.isArray(extra) ? extra : Object.values(extra)),
  ];
  const byContent = new Map<string, string | AddedToken>();
  for (const token of all) {
    if (token && !byContent.has(contentOf(token))) byContent.set(contentOf(token), token);
  }
  return [...byContent.values()];
}

function addedTokens(
  file: TokenizerFiles['addedTokens'],
  special: ReadonlySet<string>,
): (readonly [number, AddedToken])[] {
  return Object.entries(file ?? {}).map(([content, id]) => [id, plain(content, special.has(content))]);
}

function asAdded(token: string | AddedToken): AddedToken {
  return typeof token === 'string' ? plain(token, true) : { ...token, special: true };
}

function plain(content: string, special: boolean): AddedToken {
  return { content, special, normalized: !special, single_word: false, lstrip: false, rstrip: false };
}

function idOf({ id }: AddedToken): number {
  return typeof id === 'number' ? id : -1;
}
