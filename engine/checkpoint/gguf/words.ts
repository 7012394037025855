/**
 * How a text becomes words before byte-level BPE, by the names that llama.cpp gives to these ways
 * (`tokenizer.ggml.pre`): the normaliser and the splits of the tokenizer.json that each name stands for.
 */
import type { TokenizerParts } from '../../tokenizer/tokenizer-json';

type PreTokenizer = NonNullable<TokenizerParts['pre_tokenizer']>;

export interface Words {
  readonly normalizer: TokenizerParts['normalizer'];
  readonly pre_tokenizer: PreTokenizer;
  /** Whether a word that is a token is one whatever the merges make of it. */
  readonly ignoreMerges: boolean;
  /** Whether BOS begins a text where the file does not say. */
  readonly addsBos: boolean;
}

const CASE = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const REST = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const LETTERS = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
/** GPT-4's: numbers of up to three digits. */
const CL100K = String.raw`${CASE}|${LETTERS}|\p{N}{1,3}|${REST}`;
const QWEN2 = String.raw`${CASE}|${LETTERS}|\p{N}|${REST}`;

const UPPER = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const MARKS = String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
/** Words by their capitals. */
function cased(ending: string, number: string): string {
  const before = String.raw`[^\r\n\p{L}\p{N}]?`;
  return `${before}${UPPER}*${LOWER}+${ending}|${before}${UPPER}+${LOWER}*${ending}|${number}|${MARKS}`;
}
const TEKKEN = cased('', String.raw`\p{N}`);
const O200K = cased(`${CASE}?`, String.raw`\p{N}{1,3}`);

const DEEPSEEK_V3 = [
  String.raw`\p{N}{1,3}`,
  '[一-龥\u3040-ゟ゠-ヿ]+',
  String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_\x60{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
];
const DEEPSEEK_CODER = [
  String.raw`[\r\n]`,
  String.raw`\s?\p{L}+`,
  String.raw`\s?\p{P}+`,
  '[一-龥ࠀ-一가-\ud7ff]+',
];

const DIGITS = { type: 'Digits', individual_digits: true } as const;

function level(use_regex: boolean) {
  return { type: 'ByteLevel', add_prefix_space: false, use_regex } as const;
}

function inTurn(...pretokenizers: PreTokenizer[]): PreTokenizer {
  return { type: 'Sequence', pretokenizers };
}

function splits(...patterns: string[]): PreTokenizer[] {
  return patterns.map((Regex) => ({
    type: 'Split',
    pattern: { Regex },
    behavior: 'Isolated',
    invert: false,
  }));
}

function words(pre_tokenizer: PreTokenizer, more: Partial<Omit<Words, 'pre_tokenizer'>> = {}): Words {
  return { normalizer: null, ignoreMerges: false, addsBos: false, ...more, pre_tokenizer };
}

const NFC = { normalizer: { type: 'NFC' } } as const;
const GPT2 = level(true);
const DIGIT_BY_DIGIT = inTurn(DIGITS, GPT2);
const LLAMA3 = words(inTurn(...splits(CL100K), level(false)), { ignoreMerges: true, addsBos: true });
const LIKE_GPT4 = words(inTurn(...splits(CL100K), level(false)));
const LIKE_QWEN2 = words(inTurn(...splits(QWEN2), level(false)), NFC);

const BY_NAME: ReadonlyMap<string, Words> = new Map([
  ['gpt-2', words(GPT2)],
  ['phi-2', words(GPT2)],
  ['olmo', words(GPT2, NFC)],
  ['smollm', words(DIGIT_BY_DIGIT)],
  ['starcoder', words(DIGIT_BY_DIGIT)],
  ['refact', words(DIGIT_BY_DIGIT)],
  ['command-r', words(DIGIT_BY_DIGIT, NFC)],
  ['llama3', LLAMA3],
  ['llama-v3', LLAMA3],
  ['llama-bpe', LLAMA3],
  ['smaug-bpe', LIKE_GPT4],
  ['dbrx', LIKE_GPT4],
  ['qwen2', LIKE_QWEN2],
  ['deepseek-r1-qwen', LIKE_QWEN2],
  ['deepseek-v3', words(inTurn(...splits(...DEEPSEEK_V3), level(false)))],
  ['deepseek-coder', words(inTurn(...splits(...DEEPSEEK_CODER), DIGITS, level(false)))],
  ['tekken', words(inTurn(...splits(TEKKEN), level(false)), { ignoreMerges: true, addsBos: true })],
  ['gpt-4o', words(inTurn(...splits(O200K), level(false)))],
]);

/** What files said before they had names: families that only ever had one way. */
const BY_ARCHITECTURE: ReadonlyMap<string, string> = new Map([
  ['qwen2', 'qwen2'],
  ['qwen3', 'qwen2'],
  ['gpt2', 'gpt-2'],
  ['phi2', 'phi-2'],
]);

/** @returns undefined for a way that is not known */
export function wordsOf(pre: string | undefined, architecture: string): Words | undefined {
  const named = pre === undefined || pre === 'default' ? BY_ARCHITECTURE.get(architecture) : pre;
  return named === undefined ? undefined : BY_NAME.get(named);
}
