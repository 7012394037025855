/** tokenizer.json: what makes it one at all, and which of Hugging Face's tokenizers' parts can be read; others are named. */
import { z } from 'zod';
import { AddedToken } from './added-tokens';
import { Normalizer } from './normalizer';
import { PreTokenizer } from './pre-tokenizer';
import { Decoder } from './token-decoder';

/** Sixteen times the largest vocabulary; the tokenizer library counts up to every id. */
const MAX_ID = 2 ** 22;

const isId = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_ID;

function isPieces(vocab: unknown): boolean {
  return (
    typeof vocab === 'object' && vocab !== null && !Array.isArray(vocab) && Object.values(vocab).every(isId)
  );
}

function isScored(vocab: unknown): boolean {
  return (
    Array.isArray(vocab) &&
    vocab.every(
      (entry) => Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number',
    )
  );
}

// By hand: a schema for each of some 200,000 entries would take a second.
const Pieces = z.custom<Record<string, number>>(isPieces, 'no pieces with ids');
const Scored = z.custom<[string, number][]>(isScored, 'no pieces with scores');
const isText = (merge: unknown) => typeof merge === 'string';
const isPair = (merge: unknown) => Array.isArray(merge) && merge.length === 2 && merge.every(isText);
const Merges = z.custom<string[] | [string, string][]>(
  (merges) => Array.isArray(merges) && (merges.every(isText) || merges.every(isPair)),
  'no pairs of pieces',
);
const UNSUPPORTED = 'this value is not supported';
const None = z.union([z.null(), z.literal('')], UNSUPPORTED).optional();

const Bpe = z.looseObject({
  type: z.literal('BPE'),
  vocab: Pieces,
  merges: Merges,
  unk_token: z.string().nullish(),
  fuse_unk: z.boolean().nullish(),
  byte_fallback: z.boolean().nullish(),
  ignore_merges: z.boolean().nullish(),
  end_of_word_suffix: z.string().nullish(),
  continuing_subword_prefix: None,
  /** Would be drawn anew at each reading. */
  dropout: z.union([z.null(), z.literal(0)], UNSUPPORTED).optional(),
});
const Unigram = z.looseObject({
  type: z.literal('Unigram'),
  vocab: Scored,
  unk_id: z.int().min(0).nullish(),
  byte_fallback: z.boolean().nullish(),
});
const WordPiece = z.looseObject({
  type: z.literal('WordPiece'),
  vocab: Pieces,
  unk_token: z.string(),
  continuing_subword_prefix: z.string(),
  max_input_chars_per_word: z.int().default(100),
});
const WordLevel = z.looseObject({ type: z.literal('WordLevel'), vocab: Pieces, unk_token: z.string() });

/** Older files do not name the kind of their model. */
function withType(model: unknown): unknown {
  if (typeof model !== 'object' || model === null || 'type' in model) return model;
  if ('merges' in model) return { type: 'BPE', ...model };
  if ('vocab' in model && Array.isArray(model.vocab)) return { type: 'Unigram', ...model };
  return { type: 'continuing_subword_prefix' in model ? 'WordPiece' : 'WordLevel', ...model };
}
const Model = z.preprocess(withType, z.discriminatedUnion('type', [Bpe, Unigram, WordPiece, WordLevel]));
export type TokenizerModel = z.infer<typeof Model>;

const TemplatePart = z.union([
  z.object({ SpecialToken: z.object({ id: z.string() }) }),
  z.object({ Sequence: z.object({ id: z.enum(['A', 'B']) }) }),
]);
const Around = z.tuple([z.string(), z.int()]);
const PostProcessorSequence = z.object({
  type: z.literal('Sequence'),
  get processors() {
    return z.array(PostProcessor);
  },
});
const PostProcessor = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ByteLevel') }),
  z.object({
    type: z.literal('TemplateProcessing'),
    single: z.array(TemplatePart),
    special_tokens: z.record(z.string(), z.object({ ids: z.array(z.int()) })),
  }),
  z.object({ type: z.enum(['BertProcessing', 'RobertaProcessing']), sep: Around, cls: Around }),
  PostProcessorSequence,
]);
export type PostProcessor = z.infer<typeof PostProcessor>;

/** Truncation and padding are left out: transformers asks for neither. */
const TokenizerParts = z.object({
  normalizer: Normalizer.nullish(),
  pre_tokenizer: PreTokenizer.nullish(),
  model: Model,
  post_processor: PostProcessor.nullish(),
  decoder: Decoder.nullish(),
});
export type TokenizerParts = z.infer<typeof TokenizerParts>;

export const TokenizerJson = z.looseObject({
  model: z.looseObject({ vocab: z.union([Pieces, Scored]).optional() }),
  added_tokens: z.array(AddedToken.extend({ id: z.int().min(0).max(MAX_ID) })).nullish(),
});
export type TokenizerJson = z.infer<typeof TokenizerJson>;

/** @throws Error naming the part that is not supported */
export function tokenizerParts(json: TokenizerJson): TokenizerParts {
  const parsed = TokenizerParts.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = issue.path.flatMap((step) => (step === 'type' ? [] : [step]));
  const part = path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), json);
  const kind = issue.path.at(-1) === 'type' ? Reflect.get(Object(part), 'type') : undefined;
  const what = path.join('.');
  throw new Error(
    typeof kind === 'string' ? `its ${what} "${kind}" is not supported` : `its ${what}: ${issue.message}`,
  );
}
