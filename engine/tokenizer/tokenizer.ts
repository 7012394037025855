/** The model's tokenizer: text to ids and back, one token's text, and text that arrives token by token. */

import { TimeBudget, withinTime } from '../limits/time-limit';
import { badInput, EngineError } from '../protocol';
import { AddedTokens } from './added-tokens';
import { bytesOf, spellBytes } from './byte-pieces';
import { type Normalizer, normalizer } from './normalizer';
import { type Around, around } from './post-processor';
import { type PreTokenizer, preTokenizer, type Step } from './pre-tokenizer';
import { type DecodeStep, decoder } from './token-decoder';
import { type TokenModel, tokenModel } from './token-model';
import {
  contentOf,
  type TokenizerConfig,
  type TokenizerFiles,
  type TokenizerSettings,
  tokenizerSettings,
} from './tokenizer-config';
import { type TokenizerParts, tokenizerParts } from './tokenizer-json';

/** A vocabulary is set up, and a long document read, in a few seconds; some regular expressions never end. */
const MAX_MS = 30_000;
/** What decoding takes for each token, a hundred times over; beyond that, all calls share MAX_MS. */
const DECODE_MS = 10;
const REPLACED = '\ufffd';

/** What a tokenizer does besides its vocabulary. */
interface Steps {
  readonly normalize: (text: string) => string;
  readonly split: Step;
  readonly join: DecodeStep;
}

/** A model's folder, as far as it makes the tokenizer. */
interface TokenizerSource {
  readonly path: string;
  readonly tokenizer: TokenizerFiles;
}

export class Tokenizer {
  private readonly path: string;
  private readonly decodesByPattern: boolean;
  private readonly decoding = new TimeBudget(MAX_MS);
  private readonly isByteLevel: boolean;
  private readonly model: TokenModel;
  private readonly added: AddedTokens;
  private readonly steps: Steps;
  private readonly around: Around;
  private readonly pieces: (string | undefined)[] = [];
  private readonly texts: (string | undefined)[] = [];

  /** @throws EngineError `tokenizer` naming what is not supported */
  constructor(folder: TokenizerSource) {
    this.path = `${folder.path}/tokenizer.json`;
    const json = guarded(this.path, () => tokenizerParts(folder.tokenizer.json));
    const decoding = JSON.stringify(json.decoder ?? null);
    this.decodesByPattern = decoding.includes('"Regex"');
    this.isByteLevel = decoding.includes('"ByteLevel"');
    const settings = tokenizerSettings(folder.tokenizer);
    this.steps = guarded(this.path, () => steps(json, settings));
    this.model = guarded(this.path, () => tokenModel(json.model));
    const { normalize } = this.steps;
    const splitSpecial = settings.config.split_special_tokens ?? false;
    this.added = guarded(
      this.path,
      () => new AddedTokens(settings.added, this.model.ids, normalize, splitSpecial),
    );
    this.around = guarded(this.path, () => boundaries(settings, this.added) ?? around(json.post_processor));
    for (const [piece, id] of this.model.ids) this.pieces[id] = piece;
    for (const [id, { content }] of this.added.entries()) this.pieces[id] = content;
  }

  /** `special` adds the tokenizer's own BOS and the like, as it does by default. */
  encode(text: string, special: boolean): number[] {
    const ids = guarded(this.path, () => this.added.split(text).flatMap((part) => this.idsOf(part)));
    return special ? [...this.around.before, ...ids, ...this.around.after] : ids;
  }

  decode(ids: readonly number[]): string {
    return this.spellOut(ids, true);
  }

  /** One token as text: special tokens by name, bytes that are no character as `<0xF0>`. */
  text(id: number): string {
    let text = this.texts[id];
    if (text === undefined) {
      text = this.spell(id);
      this.texts[id] = text;
    }
    return text;
  }

  /** What a token stands for in a text, as UTF-8, with a space put before the text; undefined for an id without a token. */
  bytes(id: number): Uint8Array | undefined {
    const piece = this.pieces[id];
    if (piece === undefined) return undefined;
    return bytesOf(piece, this.added.get(id) ? 'text' : this.isByteLevel ? 'byte-level' : 'SentencePiece');
  }

  /** Ids whose piece, as the tokenizer spells it, matches: far cheaper than by text. */
  piecesMatching(pattern: RegExp): number[] {
    return [...this.model.ids]
      .filter(([piece, id]) => !this.added.get(id) && pattern.test(piece))
      .map(([, id]) => id);
  }

  id(token: string): number | undefined {
    return this.added.id(token);
  }

  isSpecial(id: number): boolean {
    const token = this.added.get(id);
    return token !== undefined && this.added.isSpecial(token.content);
  }

  private idsOf(part: ReturnType<AddedTokens['split']>[number]): number[] {
    if ('id' in part) return [part.id];
    return this.steps.split(part).flatMap(({ text }) => this.model.encode(text));
  }

  private spellOut(ids: readonly number[], withoutSpecial: boolean): string {
    const pieces = ids
      .filter((id) => !(withoutSpecial && this.isSpecial(id)))
      .map((id) => this.pieces[id])
      .filter((piece) => piece !== undefined);
    const join = () => this.steps.join(pieces).join('');
    // Watching the time costs a tenth of a millisecond, which the usual decoder does not need.
    if (!this.decodesByPattern) return named(this.path, join);
    const late = () => tooSlow(this.path);
    return named(this.path, () => this.decoding.within(DECODE_MS * ids.length, join, late));
  }

  private spell(id: number): string {
    const piece = this.pieces[id];
    // Models pad their embedding: a logit without a token.
    if (piece === undefined) return `<unused ${id}>`;
    if (this.isSpecial(id)) return piece;
    const text = this.spellOut([id], false);
    // SentencePiece decoders drop the first token's leading space.
    if (piece.startsWith('\u2581') && !text.startsWith(' ')) return ` ${text}`;
    if (text !== '' && !text.includes(REPLACED)) return text;
    return (this.isByteLevel ? spellBytes(piece) : undefined) ?? piece;
  }
}

/** Whether a folder's tokenizer can be read, its vocabulary aside. @throws EngineError `tokenizer` naming what cannot */
export function checkTokenizer({ path, tokenizer }: TokenizerSource): void {
  guarded(`${path}/tokenizer.json`, () => {
    const json = tokenizerParts(tokenizer.json);
    steps(json, tokenizerSettings(tokenizer));
    around(json.post_processor);
  });
}

/** tokenizer.json comes from anywhere: its patterns may never end. */
function guarded<T>(path: string, work: () => T): T {
  return named(path, () => withinTime(MAX_MS, work, () => tooSlow(path)));
}

/** A vocabulary may lack pieces that the other parts rely on. */
function named<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw badInput('tokenizer', `${path} cannot be used: ${why}`);
  }
}

function tooSlow(path: string): EngineError {
  return badInput(
    'tokenizer',
    `${path} did not come to an end within ${MAX_MS / 1000} s`,
    'Shorten the prompt; if that does not help, one of its patterns is broken: download it again.',
  );
}

function steps(json: TokenizerParts, { config, kind }: TokenizerSettings): Steps {
  const { pre_tokenizer } = json;
  return {
    normalize: normalizer(
      json.normalizer ? withBertFlags(json.normalizer, config, kind.setsNormalizer) : null,
    ),
    split: preTokenizer(pre_tokenizer ? withPrefixSpace(pre_tokenizer, config, kind.setsPrefixSpace) : null),
    join: decoder(json.decoder ?? null),
  };
}

/** tokenizer_config.json overrules what tokenizer.json says of a space before the text, where that is its whole splitting. */
function withPrefixSpace(config: PreTokenizer, settings: TokenizerConfig, isSet: boolean): PreTokenizer {
  const { add_prefix_space = isSet ? false : null } = settings;
  if (config.type !== 'ByteLevel' || add_prefix_space === null) return config;
  return { ...config, add_prefix_space };
}

/** BERT's class takes these of tokenizer_config.json, or its own defaults, and none of tokenizer.json. */
function withBertFlags(config: Normalizer, settings: TokenizerConfig, isSet = false): Normalizer {
  if (config.type !== 'BertNormalizer' || !isSet) return config;
  return {
    ...config,
    lowercase: settings.do_lower_case ?? true,
    strip_accents: settings.strip_accents ?? null,
    handle_chinese_chars: settings.tokenize_chinese_chars ?? true,
  };
}

/**
 * BOS and EOS around a text, for the classes that put them there by flags alone.
 * @throws Error where a flag asks for a token that is not named
 */
function boundaries({ config, kind }: TokenizerSettings, added: AddedTokens): Around | undefined {
  if (!kind.boundaries) return undefined;
  const { add_bos_token: bos = kind.boundaries.bos, add_eos_token: eos = kind.boundaries.eos } = config;
  const ids = (isAsked: boolean | null, name: 'bos_token' | 'eos_token') => {
    if (!isAsked) return [];
    const token = config[name];
    const id = token ? added.id(contentOf(token)) : undefined;
    if (id === undefined) throw new Error(`tokenizer_config.json adds a ${name} and names none`);
    return [id];
  };
  return { before: ids(bos, 'bos_token'), after: ids(eos, 'eos_token') };
}

/** Turns ids that arrive one by one into text, holding back characters whose bytes are not all there. */
export class TextStream {
  private readonly ids: number[] = [];
  /** Tokens before `read` have been shown; those from `prefix` on give the next ones their context. */
  private prefix = 0;
  private read = 0;

  constructor(private readonly tokenizer: Tokenizer) {}

  /** The text that this token completes; '' while a character is incomplete. */
  push(id: number): string {
    this.ids.push(id);
    const shown = this.tokenizer.decode(this.ids.slice(this.prefix, this.read));
    const text = this.tokenizer.decode(this.ids.slice(this.prefix));
    if (text.endsWith('\ufffd')) return '';
    this.prefix = this.read;
    this.read = this.ids.length;
    return text.slice(shown.length);
  }
}
