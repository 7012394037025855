/** Token groups: words whose shifts are followed together. The first four are the paper's. */

import { withinTime } from '../limits/time-limit';
import {
  badInput,
  distinctName,
  type EngineError,
  type GroupDefinition,
  type GroupInfo,
  memberTest,
  patternProblem,
  spellings,
} from '../protocol';
import type { Tokenizer } from '../tokenizer/tokenizer';

const DEFAULT_WORDS: readonly { readonly name: string; readonly words: readonly string[] }[] = [
  {
    name: 'reasoning',
    words: ['reasoning', 'think', 'thinking', 'because', 'therefore', 'step', 'first', 'let'],
  },
  {
    name: 'modal verbs',
    words: ['should', 'will', 'would', 'can', 'could', 'may', 'might', 'must', 'shall'],
  },
];

/** A whole vocabulary takes a second, most of it for spelling the tokens. */
const MAX_MATCH_MS = 10_000;
/** All groups of a run together, their words included. */
const MAX_MS = 30_000;

export interface ResolvedGroup {
  readonly name: string;
  readonly ids: readonly number[];
}

/**
 * A user's group whose name is taken is renamed: `digits (own)`.
 * @param vocab the head's rows; ids beyond it have no logit
 * @param stopIds tokens that end an answer
 * @throws EngineError when a pattern is no regular expression
 */
export function resolveGroups(
  tokenizer: Tokenizer,
  vocab: number,
  stopIds: readonly number[],
  own: readonly GroupDefinition[] = [],
): ResolvedGroup[] {
  const [reasoning, modals] = DEFAULT_WORDS.map(({ name, words }) => ({
    name,
    ids: singleTokens(tokenizer, words),
  }));
  const groups = [
    reasoning!,
    { name: 'digits', ids: tokenizer.piecesMatching(/^[\s\u0120\u2581]?\d+$/) },
    modals!,
    { name: 'end tokens', ids: [...stopIds] },
  ];
  const resolveOwn = () => {
    for (const definition of own) {
      const taken = groups.map(({ name }) => name);
      const name = distinctName(definition.name, taken, 'own');
      groups.push({ name, ids: ownIds(tokenizer, vocab, definition) });
    }
  };
  withinTime(MAX_MS, resolveOwn, tooSlow);
  return groups.map(({ name, ids }) => ({
    name,
    ids: [...new Set(ids)].filter((id) => id < vocab).sort((a, b) => a - b),
  }));
}

export function groupInfo(groups: readonly ResolvedGroup[], tokenizer: Tokenizer): GroupInfo[] {
  return groups.map(({ name, ids }) => ({
    name,
    tokens: ids.map((id) => ({ id, token: tokenizer.text(id) })),
  }));
}

/** By encoding the words, so that a model opens without the second that all texts take. */
function singleTokens(tokenizer: Tokenizer, words: readonly string[]): number[] {
  const isMember = memberTest({ words: [...words] });
  return words
    .flatMap(spellings)
    .flatMap((form) => tokenizer.encode(form, false))
    .filter((id) => isMember(tokenizer.text(id)));
}

function ownIds(tokenizer: Tokenizer, vocab: number, definition: GroupDefinition): number[] {
  const { name, pattern, flags } = definition;
  const problem = pattern === undefined ? null : patternProblem({ pattern, flags });
  if (problem !== null)
    throw badInput('group-pattern', `token group "${name}": ${problem}`, 'Correct the regular expression.');
  const isMember = memberTest(definition);
  const match = () => {
    const ids: number[] = [];
    for (let id = 0; id < vocab; id++) if (isMember(tokenizer.text(id))) ids.push(id);
    return ids;
  };
  return withinTime(MAX_MATCH_MS, match, () =>
    badInput(
      'group-pattern',
      `token group "${name}": its pattern takes more than ${MAX_MATCH_MS / 1000} s`,
      'Write it without repeats inside repeats, such as (a+)+.',
    ),
  );
}

function tooSlow(): EngineError {
  return badInput(
    'group-pattern',
    `the token groups take more than ${MAX_MS / 1000} s`,
    'Leave some of them out, or give them fewer words.',
  );
}
