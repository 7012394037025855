/** A lane's several answers, as the charts show them: what they come to, how they begin, where they part. */
import {
  type AnswerGroup,
  type GenerationSettings,
  groupAnswers,
  type SampleDone,
  type SampledToken,
  type SampleNode,
  sampleTree,
} from '../../engine/protocol';
import { candidateOf } from './contest';
import type { LaneView } from './run-view';

export interface LaneSamples {
  readonly lane: string;
  readonly tree: SampleNode;
  /** In the order of their numbers; those that were cancelled come to no answer. */
  readonly ended: readonly SampleDone[];
  readonly answers: readonly AnswerGroup[];
  /** The probability with which a draw takes a first token, of those that are known. */
  readonly firstDraws: ReadonlyMap<number, number>;
}

type Drawing = Pick<GenerationSettings, 'temperature' | 'topP'>;

/** `text`: answers are the same where every letter is. */
export type Grouping = 'final' | 'text';

export function laneSamples(lane: LaneView, grouping: Grouping, generation: Drawing): LaneSamples {
  const ended = lane.samples
    .flatMap(({ end }) => (end && end.reason !== 'cancelled' ? [end] : []))
    .toSorted((a, b) => a.sample - b.sample);
  const answers = groupAnswers(
    ended.map(({ sample, answer, text }) => ({
      sample,
      answer: grouping === 'final' ? answer : { text: text.trim(), by: 'text' },
    })),
  );
  const tree = sampleTree(tokensOf(lane));
  return { lane: lane.name, tree, ended, answers, firstDraws: firstDraws(lane, tree, generation) };
}

/** Of the tokens that were drawn; and, where top-p leaves nothing out, of those listed beside the lane's own first. */
function firstDraws(lane: LaneView, { next }: SampleNode, generation: Drawing): ReadonlyMap<number, number> {
  const draws = new Map<number, number>();
  const temperature = lane.temperature?.temperature ?? generation.temperature;
  const [own] = lane.tokens;
  for (const { tokens } of next) {
    const [first] = tokens;
    if (first?.drawnLogprob === undefined) continue;
    // log p / T − log Z, with the same Z for all.
    if (generation.topP === 1 && draws.size === 0)
      for (const { id, logprob } of own?.top ?? [])
        draws.set(id, Math.exp((logprob - first.logprob) / temperature + first.drawnLogprob));
    draws.set(first.id, Math.exp(first.drawnLogprob));
  }
  return draws;
}

/** By sample; the lane's own answer is the first. */
function tokensOf({ tokens, samples }: LaneView): ReadonlyMap<number, readonly SampledToken[]> {
  const own = tokens.map((event): SampledToken => ({ ...event, token: candidateOf(event).token }));
  const others = samples
    .filter(({ sample }) => sample > 0)
    .map((each) => [each.sample, each.tokens] as const);
  return new Map([...(own.length > 0 ? [[0, own] as const] : []), ...others]);
}

/** One of the rows that lanes share: a final answer, or a first token. */
export interface SharedRow<T> {
  readonly key: string;
  /** By lane; undefined where none of its samples is there. */
  readonly of: readonly (T | undefined)[];
}

/** Rows by key, those first that most samples of all lanes share. */
export function sharedRows<T extends { readonly samples: readonly number[] }>(
  lanes: readonly (readonly T[])[],
  keyOf: (item: T) => string,
): SharedRow<T>[] {
  const keys = new Set(lanes.flatMap((items) => items.map(keyOf)));
  const rows = [...keys].map((key) => ({
    key,
    of: lanes.map((items) => items.find((item) => keyOf(item) === key)),
  }));
  const total = ({ of }: SharedRow<T>) => of.reduce((sum, item) => sum + (item?.samples.length ?? 0), 0);
  return rows.sort((a, b) => total(b) - total(a));
}
