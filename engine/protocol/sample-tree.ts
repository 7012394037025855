/** Where samples part: a tree of what they write, and their answers by how often they come. Pure, for any shell. */
import type { FinalAnswer, SampleToken } from './samples';

export type SampledToken = Pick<SampleToken, 'id' | 'token' | 'logprob' | 'baseLogprob' | 'drawnLogprob'>;

/** What some samples write alike, up to where they part or end. */
export interface SampleNode {
  /** Place of the first of `tokens` in the answer. */
  readonly index: number;
  readonly tokens: readonly SampledToken[];
  /** Those that write it. */
  readonly samples: readonly number[];
  /** How they go on, the most frequent first; empty where none does. */
  readonly next: readonly SampleNode[];
}

/** @param samples each one's tokens so far, by its number */
export function sampleTree(samples: ReadonlyMap<number, readonly SampledToken[]>): SampleNode {
  return nodeOf(samples, [...samples.keys()], 0);
}

/** `members` agree on all tokens before `index`. */
function nodeOf(
  samples: ReadonlyMap<number, readonly SampledToken[]>,
  members: readonly number[],
  index: number,
): SampleNode {
  const tokens: SampledToken[] = [];
  for (let at = index; ; at++) {
    const parts = new Map<number, number[]>();
    for (const sample of members) {
      const id = samples.get(sample)![at]?.id;
      if (id === undefined) continue;
      const part = parts.get(id);
      if (part) part.push(sample);
      else parts.set(id, [sample]);
    }
    const [only] = parts.values();
    // The root is where they begin, before the first token.
    const isAlike = at > 0 || index > 0 ? only?.length === members.length : false;
    if (isAlike) tokens.push(samples.get(only![0]!)![at]!);
    else {
      const groups = [...parts.values()].sort((a, b) => b.length - a.length || a[0]! - b[0]!);
      return { index, tokens, samples: members, next: groups.map((group) => startAt(samples, group, at)) };
    }
  }
}

/** A node that begins with the token at `index`, which its members have in common. */
function startAt(
  samples: ReadonlyMap<number, readonly SampledToken[]>,
  members: readonly number[],
  index: number,
): SampleNode {
  const first = samples.get(members[0]!)![index]!;
  const rest = nodeOf(samples, members, index + 1);
  return { ...rest, index, tokens: [first, ...rest.tokens] };
}

export interface AnswerGroup extends FinalAnswer {
  readonly samples: readonly number[];
}

/** Samples of one final answer together, the most frequent first. */
export function groupAnswers(
  answers: readonly { readonly sample: number; readonly answer: FinalAnswer }[],
): AnswerGroup[] {
  const groups = new Map<string, { readonly answer: FinalAnswer; readonly samples: number[] }>();
  for (const { sample, answer } of answers) {
    // A number is the same whether it is boxed or not.
    const key = JSON.stringify([answer.by === 'text', answer.text]);
    const group = groups.get(key) ?? { answer, samples: [] };
    group.samples.push(sample);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ answer, samples }) => ({ ...answer, samples }))
    .sort((a, b) => b.samples.length - a.samples.length || a.samples[0]! - b.samples[0]!);
}
