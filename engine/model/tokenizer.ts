/** The model's tokenizer: text to ids and back, one token's text, and text that arrives token by token. */
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import { badInput, EngineError } from '../protocol';
import { spellBytes } from './byte-pieces';
import type { ModelFolder, TokenizerConfig } from './folder';
import { TimeBudget, withinTime } from './time-limit';

/** A vocabulary is set up, and a long document read, in a few seconds; some regular expressions never end. */
const LONGEST_MS = 30_000;

/** What decoding takes for each token, a hundred times over; beyond that, all calls share LONGEST_MS. */
const DECODE_MS = 10;

export class Tokenizer {
  private readonly tokenizer: HfTokenizer;
  private readonly path: string;
  private readonly decodesByPattern: boolean;
  private readonly decoding = new TimeBudget(LONGEST_MS);
  private readonly isByteLevel: boolean;
  private readonly texts: (string | undefined)[] = [];

  constructor(folder: Pick<ModelFolder, 'path' | 'tokenizer' | 'tokenizerConfig'>) {
    this.path = `${folder.path}/tokenizer.json`;
    const decoder = JSON.stringify(folder.tokenizer.decoder ?? null);
    this.decodesByPattern = decoder.includes('"Regex"');
    this.isByteLevel = decoder.includes('"ByteLevel"');
    const tokenizer = { ...folder.tokenizer, ...boundaries(folder.tokenizerConfig) };
    this.tokenizer = this.guarded(() => new HfTokenizer(tokenizer, folder.tokenizerConfig));
  }

  /** `special` adds the tokenizer's own BOS and the like, as it does by default. */
  encode(text: string, special: boolean): number[] {
    const { ids } = this.guarded(() => this.tokenizer.encode(text, { add_special_tokens: special }));
    if (ids.every((id) => Number.isSafeInteger(id) && id >= 0)) return ids;
    throw badInput('tokenizer', `${this.path} has no token for a part of the text, and none for the unknown`);
  }

  decode(ids: readonly number[]): string {
    if (ids.length === 0) return '';
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

  /** Ids whose piece, as the tokenizer spells it, matches: far cheaper than by text. */
  piecesMatching(pattern: RegExp): number[] {
    return [...this.tokenizer.get_vocab(false)].filter(([piece]) => pattern.test(piece)).map(([, id]) => id);
  }

  id(token: string): number | undefined {
    return this.tokenizer.token_to_id(token);
  }

  isSpecial(id: number): boolean {
    return this.tokenizer.get_added_tokens_decoder().get(id)?.special ?? false;
  }

  private spellOut(ids: readonly number[], withoutSpecial: boolean): string {
    const options = { skip_special_tokens: withoutSpecial, clean_up_tokenization_spaces: false };
    // Watching the time costs a tenth of a millisecond, which the usual decoder does not need.
    const decode = () => this.tokenizer.decode([...ids], options);
    if (!this.decodesByPattern) return this.guarded(decode, false);
    const timed = () => this.decoding.within(DECODE_MS * ids.length, decode, () => this.tooSlow());
    return this.guarded(timed, false);
  }

  /** The library believes what tokenizer.json says, and trips or never ends where that is wrong. */
  private guarded<T>(work: () => T, isTimed = true): T {
    try {
      return isTimed ? withinTime(LONGEST_MS, work, () => this.tooSlow()) : work();
    } catch (error) {
      if (error instanceof EngineError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw badInput('tokenizer', `${this.path} cannot be used: ${why}`);
    }
  }

  private tooSlow(): EngineError {
    return badInput(
      'tokenizer',
      `${this.path} did not come to an end within ${LONGEST_MS / 1000} s`,
      'Shorten the prompt; if that does not help, one of its patterns is broken: download it again.',
    );
  }

  private spell(id: number): string {
    const piece = this.tokenizer.id_to_token(id);
    // Models pad their embedding: a logit without a token.
    if (piece === undefined) return `<unused ${id}>`;
    if (this.tokenizer.get_added_tokens_decoder().has(id)) return piece;
    const text = this.spellOut([id], false);
    const incomplete = text === '' || text.includes('\ufffd');
    // SentencePiece decoders drop the first token's leading space.
    if (piece.startsWith('\u2581') && !text.startsWith(' ')) return ` ${text}`;
    if (!incomplete) return text;
    return (this.isByteLevel ? spellBytes(piece) : undefined) ?? piece;
  }
}

/**
 * A post-processor that puts BOS and EOS around a text where tokenizer_config.json says whether to: as in transformers,
 * that overrules the one in tokenizer.json.
 */
function boundaries(config: TokenizerConfig): { post_processor?: object } {
  const { add_bos_token, add_eos_token, bos_token, eos_token } = config;
  if (typeof add_bos_token !== 'boolean' && typeof add_eos_token !== 'boolean') return {};
  const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const sequence = (id: 'A' | 'B') => ({ Sequence: { id, type_id: 0 } });
  const around = (add: boolean | null | undefined, token: TokenizerConfig['bos_token']) =>
    add && token ? [special(typeof token === 'string' ? token : token.content)] : [];
  const before = around(add_bos_token, bos_token);
  const after = around(add_eos_token, eos_token);
  const single = [...before, sequence('A'), ...after];
  const pair = [...single, ...before, sequence('B'), ...after];
  return { post_processor: { type: 'TemplateProcessing', single, pair, special_tokens: {} } };
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
