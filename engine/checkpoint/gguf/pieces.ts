/** SentencePiece's BPE as Hugging Face's converter writes it: merges made from scores, bytes for what has no piece. */
import type { TokenizerModel, TokenizerParts } from '../../tokenizer/tokenizer-json';
import { type TokenizerMetadata, TokenType, unusable } from './tokenizer-metadata';

/** SentencePiece's own pieces have at most 16 characters, Gemma's runs of spaces 31; longer ones are added tokens. */
const MAX_MERGED = 64;
const SPACE = '\u2581';
/** Gemma's 262,144 pieces have 2 million characters, and 600,000 merges. */
const MAX_CHARACTERS = 2 ** 23;
const MAX_MERGES = 2 ** 21;

type Bpe = Extract<TokenizerModel, { type: 'BPE' }>;

/** Pieces by id, as tokenizer.json names them. */
export function pieceNames({ tokens, types, architecture }: TokenizerMetadata): string[] {
  const names = tokens.map((token, id) =>
    types?.[id] === TokenType.USER_DEFINED && /^ +$/.test(token) ? SPACE.repeat(token.length) : token,
  );
  // Gemma's tab has its byte's token, which tokenizer.json calls by the character.
  const tab = names.indexOf('<0x09>');
  if (isGemma(architecture) && tab >= 0 && !names.includes('\t')) names[tab] = '\t';
  return names;
}

/** @param path to name in errors @throws EngineError where more is to be merged than any vocabulary has */
export function sentencePieces(metadata: TokenizerMetadata, pieces: readonly string[], path: string) {
  const ids = idsOf(pieces);
  const characters = pieces.reduce((sum, piece) => sum + Math.min(piece.length, MAX_MERGED), 0);
  if (characters > MAX_CHARACTERS) throw unusable(path, `its pieces have ${characters} characters`);
  const { unknown } = metadata.ids;
  const model: Bpe = {
    type: 'BPE',
    vocab: Object.fromEntries(ids),
    merges: merges(metadata, ids, path),
    unk_token: unknown === undefined ? null : pieces[unknown],
    fuse_unk: true,
    byte_fallback: hasAllBytes(ids),
  };
  const prefixed = metadata.addSpacePrefix ?? !isGemma(metadata.architecture);
  const decoder: TokenizerParts['decoder'] = {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      ...(prefixed ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 } as const] : []),
    ],
  };
  return { model, ...spaces(metadata, pieces, prefixed), decoder };
}

/**
 * Where a space is put before a text: before every stretch between special tokens, as llama.cpp does and Llama 2's,
 * Phi-3's and Mistral's first files say; since Mistral's third version, whose [INST] is a token, before the whole text alone.
 */
function spaces(
  { types }: TokenizerMetadata,
  pieces: readonly string[],
  prefixed: boolean,
): Pick<TokenizerParts, 'normalizer' | 'pre_tokenizer'> {
  const escaped = { type: 'Replace', pattern: { String: ' ' }, content: SPACE } as const;
  if (!prefixed) return { normalizer: escaped, pre_tokenizer: null };
  const instruction = pieces.indexOf('[INST]');
  if (instruction >= 0 && types?.[instruction] === TokenType.CONTROL) {
    const first = { type: 'Metaspace', replacement: SPACE, prepend_scheme: 'first', split: false } as const;
    return { normalizer: null, pre_tokenizer: first };
  }
  const prepend = { type: 'Prepend', prepend: SPACE } as const;
  return { normalizer: { type: 'Sequence', normalizers: [prepend, escaped] }, pre_tokenizer: null };
}

/** The first of each spelling. */
export function idsOf(tokens: readonly string[]): Map<string, number> {
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) if (!ids.has(token)) ids.set(token, id);
  return ids;
}

function isGemma(architecture: string): boolean {
  return architecture.startsWith('gemma');
}

function hasAllBytes(ids: ReadonlyMap<string, number>): boolean {
  for (let byte = 0; byte < 256; byte++) {
    const isTab = byte === 9 && ids.has('\t');
    if (!isTab && !ids.has(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)) return false;
  }
  return true;
}

/** transformers' `generate_merges`: every split of a piece into two pieces, by the piece's score. */
function merges(
  metadata: TokenizerMetadata,
  ids: ReadonlyMap<string, number>,
  path: string,
): [string, string][] {
  const score = scores(metadata);
  const found: { left: string; right: string; score: number; lengths: readonly [number, number] }[] = [];
  for (const [piece, id] of ids) {
    if (piece.length > MAX_MERGED || !isMerged(metadata, piece, id)) continue;
    const ends = characterEnds(piece);
    const local: (typeof found)[number][] = [];
    for (const [i, end] of ends.slice(0, -1).entries()) {
      const left = piece.slice(0, end);
      if (!ids.has(left)) continue;
      const right = piece.slice(end);
      if (!ids.has(right)) continue;
      local.push({ left, right, score: score(id), lengths: [i + 1, ends.length - i - 1] });
    }
    local.sort((a, b) => ids.get(a.left)! - ids.get(b.left)! || ids.get(a.right)! - ids.get(b.right)!);
    found.push(...local);
    if (found.length > MAX_MERGES) throw unusable(path, `its pieces make more than ${MAX_MERGES} merges`);
  }
  found.sort((a, b) => b.score - a.score || b.lengths[0] - a.lengths[0] || b.lengths[1] - a.lengths[1]);
  return found.map(({ left, right }) => [left, right]);
}

/** Where each character ends. */
function characterEnds(piece: string): number[] {
  let end = 0;
  return Array.from(piece, (character) => {
    end += character.length;
    return end;
  });
}

/** Other tokens are found in the text before BPE, but for runs of spaces, which are no spaces there. */
function isMerged({ types }: TokenizerMetadata, piece: string, id: number): boolean {
  const type = types?.[id] ?? TokenType.NORMAL;
  return type === TokenType.NORMAL || (type === TokenType.USER_DEFINED && /^\u2581+$/.test(piece));
}

/** The larger, the earlier. Files that were made without SentencePiece's have all the same; ids then are the order. */
function scores({ scores: given, tokens, types }: TokenizerMetadata): (id: number) => number {
  const first = tokens.findIndex((_, id) => (types?.[id] ?? TokenType.NORMAL) === TokenType.NORMAL);
  const isTold = tokens.some(
    (_, id) => given?.[id] !== given?.[first] && (types?.[id] ?? TokenType.NORMAL) === TokenType.NORMAL,
  );
  if (!given || !isTold) return (id) => -id;
  // llama.cpp's converter writes -1000 for user-defined ones; SentencePiece has 0.
  return (id) => (types?.[id] === TokenType.USER_DEFINED ? 0 : given[id]!);
}
