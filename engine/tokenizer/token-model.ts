/** A word to the ids of its pieces: the library's BPE, Unigram and WordPiece, word by word as in tokenizers. */
import { BPE, Unigram, WordPiece } from '@huggingface/tokenizers';
import type { TokenizerModel } from './tokenizer-json';

export interface TokenModel {
  /** Pieces and their ids, added tokens aside. */
  readonly ids: ReadonlyMap<string, number>;
  /** @throws Error where the vocabulary has nothing for a part of the word */
  encode(word: string): number[];
}

export function tokenModel(config: TokenizerModel): TokenModel {
  switch (config.type) {
    case 'Unigram':
      return unigram(config);
    case 'WordLevel': {
      const ids = new Map(Object.entries(config.vocab));
      return { ids, encode: (word) => [idOf(word, ids, config.unk_token)] };
    }
    case 'WordPiece': {
      const model = new WordPiece(config);
      const ids = model.tokens_to_ids;
      return {
        ids,
        encode: (word) => model.encode([word]).map((piece) => idOf(piece, ids, config.unk_token)),
      };
    }
    case 'BPE':
      return bpe(config);
    default:
      return config satisfies never;
  }
}

function bpe(config: Extract<TokenizerModel, { type: 'BPE' }>): TokenModel {
  const unknown = config.unk_token ?? null;
  const model = new BPE({
    type: 'BPE',
    vocab: config.vocab,
    merges: areTexts(config.merges) ? config.merges.map(pair) : config.merges,
    unk_token: unknown,
    fuse_unk: config.fuse_unk ?? false,
    byte_fallback: config.byte_fallback ?? false,
    ignore_merges: config.ignore_merges ?? false,
    end_of_word_suffix: config.end_of_word_suffix ?? null,
    continuing_subword_suffix: null,
  });
  const ids = model.tokens_to_ids;
  // Characters without a piece are removed first, so that their neighbours can merge.
  const known = (word: string) =>
    unknown === null && !config.byte_fallback && !ids.has(word)
      ? Array.from(word, (character) => (ids.has(character) ? character : '')).join('')
      : word;
  return { ids, encode: (word) => model._call([known(word)]).map((piece) => idOf(piece, ids, unknown)) };
}

function areTexts(merges: string[] | [string, string][]): merges is string[] {
  return typeof merges[0] === 'string';
}

function idOf(piece: string, ids: ReadonlyMap<string, number>, unknown: string | null): number {
  return ids.get(piece) ?? (unknown === null ? undefined : ids.get(unknown)) ?? missing();
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
