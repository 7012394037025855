/** How much a message, a stored run or an imported one may hold: whatever grows has an end. */
import { z } from 'zod';

/** Characters of a prompt, an answer or a token: more than any context holds. */
const MAX_TEXT = 2 ** 24;
/** Ids of a vocabulary, tokens of a text: the tokenizers' own limit. */
export const MAX_TOKENS = 2 ** 22;
/** Entries of a list that a settings field gives its length. */
export const MAX_LIST = 2_000;
/** Whatever else is listed: files, models, runs, messages. */
export const MAX_ENTRIES = 2 ** 20;
const MAX_COUNT = 2 ** 48;

/** Of a user's or a model's own words. */
export const Text = z.string().max(MAX_TEXT);
/** Of a lane, a model, an operator, a file in a repository. */
export const Name = z.string().max(1_000);
/** Windows allows 32,767 characters. */
export const Path = z.string().max(32_768);
/** Of a message or a hint; see EngineError. */
export const Sentence = z.string().max(10_000);
export const Moment = z.iso.datetime().max(40);

/** Ids become folder names. */
export const RunId = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'letters, digits and hyphens, at most 64');

/** Of a file, a download, memory. */
export const Bytes = z.number().min(0);
export const Count = z.int().min(0).max(MAX_COUNT);
export const TokenId = z.int().min(0).max(MAX_TOKENS);
export const Ids = z.array(TokenId).max(MAX_TOKENS);
export const Texts = z.array(Text).max(MAX_TOKENS);
/** A number for each of many positions, steps or tokens. */
export const Numbers = z.array(z.number()).max(MAX_TOKENS);
