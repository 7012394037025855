/**
 * Tokens that are found in the text before it is split into words: special ones and those that were added to a
 * vocabulary. As in Hugging Face's tokenizers (added_vocabulary.rs), to the order of its steps.
 */
import { z } from 'zod';
import { WORD } from './pre-tokenizer';

export const AddedToken = z.looseObject({
  content: z.string(),
  /** Only between characters that are none of a word's. */
  single_word: z.boolean().default(false),
  /** Takes the white space before it along. */
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  /** Whether it is looked for in the normalised text; by default where it is not special. */
  normalized: z.boolean().optional(),
  special: z.boolean().default(false),
});
export type AddedToken = z.infer<typeof AddedToken>;

/** A stretch of text, or a token that was found in it. */
export type Section = { readonly text: string; readonly isFirst: boolean } | { readonly id: number };

interface Words {
  readonly size: number;
  get(piece: string): number | undefined;
}

/** A trie over UTF-16 units; `id` where a token ends. */
interface Node {
  readonly next: Map<string, Node>;
  id?: number;
}

const BEGINS_WITH_WORD = new RegExp(`^${WORD}`, 'u');
const SPACE = /\p{White_Space}/u;

export class AddedTokens {
  private readonly ids = new Map<string, number>();
  private readonly byId = new Map<number, AddedToken>();
  private readonly specials = new Set<string>();
  private readonly asWritten: Node = { next: new Map() };
  private readonly asNormalized: Node = { next: new Map() };

  /**
   * @param tokens in the order in which they are added; one that comes again gets the flags of its last
   * @param words the vocabulary without them: a token that is in it keeps its id there, others are counted on from it
   * @param splitSpecial whether special tokens are read as plain text
   */
  constructor(
    tokens: readonly AddedToken[],
    private readonly words: Words,
    private readonly normalize: (text: string) => string,
    private readonly splitSpecial: boolean,
  ) {
    const special = new Map<string, AddedToken>();
    const classic: AddedToken[] = [];
    let next = words.size;
    for (const token of tokens) {
      const { content } = token;
      if (content === '') continue;
      if (token.special && !special.has(content)) special.set(content, token);
      const id = this.id(content) ?? next;
      next = Math.max(next, id + 1);
      this.ids.set(content, id);
      this.byId.set(id, token);
      if (!special.has(content)) classic.push(token);
    }
    for (const content of special.keys()) this.specials.add(content);
    for (const token of [...special.values(), ...classic]) this.lookFor(token);
  }

  id(content: string): number | undefined {
    return this.ids.get(content) ?? this.words.get(content);
  }

  get(id: number): AddedToken | undefined {
    return this.byId.get(id);
  }

  /** All of them, by id. */
  entries(): IterableIterator<[number, AddedToken]> {
    return this.byId.entries();
  }

  isSpecial(content: string): boolean {
    return this.specials.has(content);
  }

  /** Normalised text between the tokens that are found in it. */
  split(text: string): Section[] {
    return this.find(text, this.asWritten, true).flatMap((section) =>
      'id' in section
        ? [section]
        : this.find(this.normalize(section.text), this.asNormalized, section.isFirst),
    );
  }

  private lookFor({ content, normalized, special }: AddedToken): void {
    const isNormalized = normalized ?? !special;
    let node = isNormalized ? this.asNormalized : this.asWritten;
    for (const unit of (isNormalized ? this.normalize(content) : content).split('')) {
      let child = node.next.get(unit);
      if (!child) {
        child = { next: new Map() };
        node.next.set(unit, child);
      }
      node = child;
    }
    node.id ??= this.ids.get(content)!;
  }

  /** The leftmost tokens, the longest of those that begin at one place. */
  private find(text: string, trie: Node, isFirst: boolean): Section[] {
    const found: Section[] = [];
    let shown = 0;
    const flush = (end: number) => {
      if (shown < end) found.push({ text: text.slice(shown, end), isFirst: isFirst && shown === 0 });
    };
    for (let at = 0; at < text.length; ) {
      const match = longest(text, at, trie);
      if (!match) {
        at++;
        continue;
      }
      const { id, end } = match;
      const place = this.place(id, text, at, end, shown);
      if (place) {
        flush(place.start);
        found.push({ id });
        shown = place.end;
      }
      at = end;
    }
    flush(text.length);
    return found;
  }

  /** Where a token that was found begins and ends with the white space it takes; undefined where it does not count. */
  private place(id: number, text: string, start: number, end: number, from: number) {
    const { content, single_word, lstrip, rstrip } = this.byId.get(id)!;
    if (this.splitSpecial && this.specials.has(content)) return undefined;
    if (single_word && (endsWithWord(text, start) || BEGINS_WITH_WORD.test(text.slice(end))))
      return undefined;
    let [left, right] = [start, end];
    if (lstrip) while (left > from && SPACE.test(text[left - 1]!)) left--;
    if (rstrip) while (right < text.length && SPACE.test(text[right]!)) right++;
    return { start: Math.max(left, from), end: right };
  }
}

function endsWithWord(text: string, end: number): boolean {
  const last = Array.from(text.slice(Math.max(0, end - 2), end)).at(-1);
  return last !== undefined && BEGINS_WITH_WORD.test(last);
}

function longest(text: string, at: number, trie: Node): { id: number; end: number } | undefined {
  let node: Node | undefined = trie;
  let match: { id: number; end: number } | undefined;
  for (let i = at; i < text.length; i++) {
    node = node.next.get(text[i]!);
    if (!node) break;
    if (node.id !== undefined) match = { id: node.id, end: i + 1 };
  }
  return match;
}
