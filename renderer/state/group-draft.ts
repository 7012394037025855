/** A token group's second field: words separated by commas, or one regular expression between slashes. */
import type { GroupDefinition } from '../../engine/protocol';
import { queryProblem } from '../vocabulary/match';

type Members = Pick<GroupDefinition, 'words' | 'pattern'>;

export function readMembers(text: string): Members | { readonly problem: string } {
  const [, pattern] = /^\/(.+)\/$/su.exec(text.trim()) ?? [];
  if (pattern !== undefined) {
    const problem = queryProblem({ kind: 'group', words: [], pattern });
    return problem === null ? { words: [], pattern } : { problem: `Not a regular expression: ${problem}.` };
  }
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return words.length > 0 ? { words } : { problem: 'Give it words, separated by commas, or a /pattern/.' };
}

/** The field's text for a group that was not written in it. */
export function writeMembers({ words, pattern }: Members): string {
  if (pattern === undefined) return words.join(', ');
  if (words.length === 0) return `/${pattern}/`;
  const spellings = words.flatMap((word) => [word, word.charAt(0).toUpperCase() + word.slice(1)]);
  return `/${pattern}|^ ?(?:${spellings.map(escapePattern).join('|')})$/`;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
