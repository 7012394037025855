/** A word to the ids of its pieces: the library's BPE, Unigram and WordPiece, word by word as in tokenizers. */
import { BPE, Unigram, WordPiece } from '@huggingface/tokenizers';
import type { TokenizerModel } from './tokenizer-json';

export interface TokenModel {
  /** Pieces and their ids, added tokens aside. */
  readonly ids: ReadonlyMap<string, number>;
  /** @throws Error where the vocabulary has nothing for a part of the word */
  encode(word: string): number[];
}

/** @throws Error where the unknown token is none of the vocabulary's */
export function tokenModel(config: TokenizerModel): TokenModel {
  if (config.type === 'Unigram') return unigram(config);
  const ids: ReadonlyMap<string, number> = new Map(Object.entries(config.vocab));
  const { unk_token: unk } = config;
  const unknown = unk === null || unk === undefined ? undefined : ids.get(unk);
  const idOf = (piece: string) => ids.get(piece) ?? unknown ?? missing();
  switch (config.type) {
    case 'WordLevel':
      return { ids, encode: (word) => [idOf(word)] };
    case 'WordPiece': {
      const model = new WordPiece(config);
      return { ids, encode: (word) => model.encode([word]).map(idOf) };
    }
    case 'BPE': {
      const model = new BPE({
        type: 'BPE',
        vocab: config.vocab,
        merges: config.merges.map((merge) => (typeof merge === 'string' ? pair(merge) : merge)),
        unk_token: unk ?? null,
        fuse_unk: config.fuse_unk ?? false,
        byte_fallback: config.byte_fallback ?? false,
        ignore_merges: config.ignore_merges ?? false,
        end_of_word_suffix: config.end_of_word_suffix ?? null,
        continuing_subword_suffix: null,
      });
      // Characters that nothing stands for leave before their neighbours merge.
      const known = (word: string) =>
        unknown === undefined && !config.byte_fallback && !ids.has(word)
          ? Array.from(word, (character) => (ids.has(character) ? character : '')).join('')
          : word;
      return { ids, encode: (word) => model._call([known(word)]).map(idOf) };
    }
    default:
      return config satisfies never;
  }
}

/** Older files write a merge as one text. @throws Error */
function pair(merge: string): [string, string] {
  const [first, second, ...more] = merge.split(' ');
  if (first !== undefined && second !== undefined && more.length === 0) return [first, second];
  throw new Error(`its merge "${merge}" is not two pieces`);
}

const encoder = new TextEncoder();

function unigram(config: Extract<TokenizerModel, { type: 'Unigram' }>): TokenModel {
  const model = new Unigram({ type: 'Unigram', vocab: config.vocab, unk_id: config.unk_id ?? null }, '');
  const ids = model.tokens_to_ids;
  const unknown = config.unk_id ?? undefined;
  const encode = (word: string) =>
    model._call([word]).flatMap((piece) => {
      const id = ids.get(piece);
      if (id !== undefined) return [id];
      const bytes = config.byte_fallback ? bytesOf(piece, ids) : undefined;
      return bytes ?? [unknown ?? missing()];
    });
  return { ids, encode };
}

/** A piece as the tokens of its bytes; undefined where one of them is missing. */
function bytesOf(piece: string, ids: ReadonlyMap<string, number>): number[] | undefined {
  const found = Array.from(encoder.encode(piece), (byte) =>
    ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
  return found.every((id) => id !== undefined) ? found : undefined;
}

function missing(): never {
  throw new Error('it has no token for a part of the text, and none for the unknown');
}
