/** A GGUF's tokenizer and chat template as the files that Hugging Face's folders have for them. */
import type { AddedToken } from '../../tokenizer/added-tokens';
import type { TokenizerConfig, TokenizerFiles } from '../../tokenizer/tokenizer-config';
import type {
  PostProcessor,
  TokenizerJson,
  TokenizerModel,
  TokenizerParts,
} from '../../tokenizer/tokenizer-json';
import { idsOf, pieceNames, sentencePieces } from './pieces';
import {
  type MetadataValues,
  type TokenizerMetadata,
  TokenType,
  tokenizerMetadata,
  unusable,
} from './tokenizer-metadata';
import { type Words, wordsOf } from './words';

export interface GgufTokenizer {
  readonly tokenizer: TokenizerFiles;
  /** The chat template's source, if there is one. */
  readonly chatTemplate: string | undefined;
  /** Of a text, a turn and a message, as far as they are known. */
  readonly eosTokenIds: readonly number[];
}

/** Control tokens that end a turn whatever else a file says, as llama.cpp has it. */
const ENDS: ReadonlySet<string> = new Set([
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|im_end|>',
  '<|end|>',
  '<end_of_turn>',
]);

/**
 * @param metadata of the file, by key
 * @param path to name in errors
 * @throws EngineError `tokenizer` naming what is missing, wrong or not known
 */
export function ggufTokenizer(metadata: MetadataValues, path: string): GgufTokenizer {
  const told = tokenizerMetadata(metadata, path);
  const { tokens, addsBos, json } = made(told, path);
  const added = addedTokens(told, tokens);
  return {
    tokenizer: {
      json: {
        ...json,
        added_tokens: added,
        post_processor: around(told, addsBos),
      } satisfies TokenizerJson,
      config: config(told, tokens),
      specialTokens: undefined,
      addedTokens: undefined,
      modelType: undefined,
    },
    chatTemplate: told.template,
    eosTokenIds: ends(told),
  };
}

interface Made {
  /** As tokenizer.json has them. */
  readonly tokens: readonly string[];
  readonly addsBos: boolean;
  readonly json: Pick<TokenizerParts, 'model' | 'normalizer' | 'pre_tokenizer' | 'decoder'>;
}

function made(told: TokenizerMetadata, path: string): Made {
  if (told.model === 'llama') {
    const tokens = pieceNames(told);
    return { tokens, addsBos: true, json: sentencePieces(told, tokens, path) };
  }
  if (told.model !== 'gpt2') throw unusable(path, `the kind "${told.model}" is not supported`);
  const words = wordsOf(told.pre, told.architecture);
  if (!words) {
    throw unusable(
      path,
      told.pre === undefined || told.pre === 'default'
        ? 'it does not say how it splits text (tokenizer.ggml.pre); use a file that was converted later'
        : `its way to split text (tokenizer.ggml.pre), "${told.pre}", is not known`,
    );
  }
  const { normalizer, pre_tokenizer, addsBos } = words;
  const model = byteLevel(told, words, path);
  return {
    tokens: told.tokens,
    addsBos,
    json: { model, normalizer, pre_tokenizer, decoder: { type: 'ByteLevel' } },
  };
}

function byteLevel(told: TokenizerMetadata, words: Words, path: string): TokenizerModel {
  const ids = idsOf(told.tokens);
  const merges = told.merges?.map((merge): [string, string] => {
    const at = merge.indexOf(' ', 1);
    const [left, right] = [merge.slice(0, at), merge.slice(at + 1)];
    if (at < 0 || !ids.has(left) || !ids.has(right) || !ids.has(left + right)) {
      throw unusable(path, `its merge ${JSON.stringify(merge.slice(0, 80))} makes no token of two tokens`);
    }
    return [left, right];
  });
  if (!merges) throw unusable(path, 'it has no tokenizer.ggml.merges');
  return { type: 'BPE', vocab: Object.fromEntries(ids), merges, ignore_merges: words.ignoreMerges };
}

function typeOf({ types, ids }: TokenizerMetadata, id: number): number {
  if (types) return types[id]!;
  return id === ids.bos || id === ids.eos || id === ids.unknown ? TokenType.CONTROL : TokenType.NORMAL;
}

function addedTokens(told: TokenizerMetadata, tokens: readonly string[]) {
  return tokens.flatMap((content, id): (AddedToken & { id: number })[] => {
    const type = typeOf(told, id);
    const special = type === TokenType.CONTROL || type === TokenType.UNKNOWN;
    if ((!special && type !== TokenType.USER_DEFINED) || content === '') return [];
    const rstrip = special && stripsRight(told, content);
    return [{ id, content, special, normalized: false, single_word: false, lstrip: false, rstrip }];
  });
}

/** Phi-3's tokens of turns take the white space after them; no GGUF says so. */
function stripsRight({ architecture, model }: TokenizerMetadata, content: string): boolean {
  return architecture === 'phi3' && model === 'llama' && !['<unk>', '<s>', '<|endoftext|>'].includes(content);
}

function around({ ids, addBos, addEos }: TokenizerMetadata, addsBos: boolean): PostProcessor {
  const bos = (addBos ?? addsBos) ? ids.bos : undefined;
  const eos = addEos ? ids.eos : undefined;
  const part = (id: string, value: number | undefined) =>
    value === undefined ? [] : [{ SpecialToken: { id } }];
  return {
    type: 'TemplateProcessing',
    single: [...part('bos', bos), { Sequence: { id: 'A' } }, ...part('eos', eos)],
    special_tokens: {
      ...(bos === undefined ? {} : { bos: { ids: [bos] } }),
      ...(eos === undefined ? {} : { eos: { ids: [eos] } }),
    },
  };
}

/** Padding is often named for the sake of naming one: a word of the language is none. */
function config(told: TokenizerMetadata, tokens: readonly string[]): TokenizerConfig {
  const named = (id: number | undefined) => (id === undefined ? undefined : tokens[id] || undefined);
  const rare = (id: number | undefined) =>
    id !== undefined && typeOf(told, id) !== TokenType.NORMAL ? named(id) : undefined;
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: named(told.ids.bos),
    eos_token: named(told.ids.eos),
    unk_token: rare(told.ids.unknown),
    pad_token: rare(told.ids.padding),
  };
}

function ends(told: TokenizerMetadata): number[] {
  const { eos, eot, eom } = told.ids;
  const known = told.tokens.flatMap((token, id) =>
    ENDS.has(token) && typeOf(told, id) === TokenType.CONTROL ? [id] : [],
  );
  return [...new Set([eos, eot, eom, ...known].flatMap((id) => (id === undefined ? [] : [id])))];
}
