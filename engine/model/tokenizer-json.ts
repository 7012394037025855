/** What a tokenizer.json must be for its tokens to have texts and ids; the rest is the tokenizer library's. */
import { z } from 'zod';

/** Sixteen times the largest vocabulary; the tokenizer library counts up to every id. */
const LARGEST_ID = 2 ** 22;

const isId = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_ID;

/** Piece → id (BPE, WordPiece), or pieces with their scores by id (Unigram). */
function isVocabulary(vocab: unknown): boolean {
  if (Array.isArray(vocab)) {
    return vocab.every(
      (entry) => Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number',
    );
  }
  return typeof vocab === 'object' && vocab !== null && Object.values(vocab).every(isId);
}

// By hand: a schema for each of some 200,000 entries would take a second.
const Vocabulary = z.custom<object>(isVocabulary, 'neither pieces with ids nor pieces with scores');

const AddedToken = z.looseObject({
  id: z.int().min(0).max(LARGEST_ID),
  content: z.string(),
});

export const TokenizerJson = z.looseObject({
  model: z.looseObject({ vocab: Vocabulary.optional() }),
  added_tokens: z.array(AddedToken).nullish(),
});
