/** The notation for tokens that are meant: in the filter, in a group of one's own and on the command line. */
import type { GroupDefinition } from './settings';

/** As JavaScript's RegExp has them. */
export interface TokenPattern {
  readonly pattern: string;
  readonly flags?: string | undefined;
}

export type GroupMembers = Pick<GroupDefinition, 'words' | 'pattern' | 'flags'>;

/** `/pattern/flags`; null for any other text. */
export function readPattern(text: string): TokenPattern | null {
  const [, pattern, flags = ''] = /^\/(.+)\/([a-z]*)$/su.exec(text) ?? [];
  if (pattern === undefined) return null;
  return flags === '' ? { pattern } : { pattern, flags };
}

/** By code point, as /u does. Flags that keep a place between tests (g, y) would skip matches. @throws SyntaxError */
export function compilePattern({ pattern, flags = '' }: TokenPattern): RegExp {
  const stateless = flags.replace(/[gy]/g, '');
  return new RegExp(pattern, /[uv]/.test(stateless) ? stateless : `${stateless}u`);
}

/** Why it is no regular expression; null where it is one. */
export function patternProblem(pattern: TokenPattern): string | null {
  try {
    compilePattern(pattern);
    return null;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    // "Invalid regular expression: /(/u: Unterminated group": the reason is what helps.
    return message.replace(/^Invalid regular expression: (?:\/.*\/[a-z]*: )?/su, '');
  }
}

/** A word with and without a leading space, capitalised or not. */
export function spellings(word: string): string[] {
  const capitalised = word.charAt(0).toUpperCase() + word.slice(1);
  return [word, capitalised].flatMap((form) => [form, ` ${form}`]);
}

/**
 * Whether a token is a member, by its text: it equals a word in one of its spellings, or the pattern matches it.
 * @throws SyntaxError for a pattern that does not compile
 */
export function memberTest({ words, pattern, flags }: GroupMembers): (text: string) => boolean {
  const forms = new Set(words.flatMap(spellings));
  const expression = pattern === undefined ? null : compilePattern({ pattern, flags });
  return (text) => forms.has(text) || (expression?.test(text) ?? false);
}

/** A group's members: words separated by commas, or one `/pattern/flags`. */
export function readMembers(text: string): GroupMembers | { readonly problem: string } {
  const whole = readPattern(text.trim());
  if (whole) {
    const problem = patternProblem(whole);
    return problem === null ? { words: [], ...whole } : { problem: `Not a regular expression: ${problem}.` };
  }
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) return { problem: 'Give it words, separated by commas, or a /pattern/.' };
  const pattern = words.find((word) => readPattern(word) !== null);
  if (pattern === undefined) return { words };
  return { problem: `${pattern} is a pattern, which stands alone: give words or one /pattern/, not both.` };
}

/** The notation of a group that was not written in it. */
export function writeMembers({ words, pattern, flags = '' }: GroupMembers): string {
  const alternatives = `^(?:${words.flatMap(spellings).map(escapePattern).join('|')})$`;
  if (pattern === undefined) {
    const typed = words.join(', ');
    const read = readMembers(typed);
    // A word with a comma, or one that looks like a pattern, can only be typed as a pattern.
    return 'words' in read && read.words.join('\n') === words.join('\n') ? typed : `/${alternatives}/`;
  }
  if (words.length === 0) return `/${pattern}/${flags}`;
  return `/${pattern}|${alternatives}/${flags}`;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** `name`, or the first of `name (mark)`, `name (mark 2)`, … that is not taken. */
export function distinctName(name: string, taken: Iterable<string>, mark: string): string {
  const names = new Set(taken);
  let distinct = name;
  for (let number = 1; names.has(distinct); number++) {
    distinct = `${name} (${number === 1 ? mark : `${mark} ${number}`})`;
  }
  return distinct;
}
