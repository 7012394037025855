/** Where the answers of lanes part: one tree of prefixes, whose forks are the splits. */
import type { TokenEvent } from '../../engine/protocol';
import type { LaneView } from './run-view';

interface Choice {
  /** Null where the lanes ended by themselves. */
  readonly token: TokenEvent | null;
  /** Indices into the lanes given. */
  readonly lanes: readonly number[];
}

/** Lanes that had written the same tokens up to here and now do not. */
export interface Split {
  readonly index: number;
  /** At least two, in the order of the lanes. */
  readonly choices: readonly Choice[];
}

const ENDED = -1;

/**
 * All places where lanes part, first one first; n lanes have at most n − 1. A lane that ended by itself differs from
 * one that writes on; one that was cut short or still writes tells nothing beyond its last token.
 */
export function splits(lanes: readonly LaneView[]): Split[] {
  const found: Split[] = [];
  let groups: (readonly number[])[] = [lanes.map((_, lane) => lane)];
  for (let index = 0; groups.length > 0; index++) {
    const next: (readonly number[])[] = [];
    for (const group of groups) {
      const choices = new Map<number, { token: TokenEvent | null; lanes: number[] }>();
      for (const at of group) {
        const lane = lanes[at]!;
        const id = choiceAt(lane, index);
        if (id === null) continue;
        const choice = choices.get(id) ?? { token: lane.tokens[index] ?? null, lanes: [] };
        choice.lanes.push(at);
        choices.set(id, choice);
      }
      if (choices.size > 1) found.push({ index, choices: [...choices.values()] });
      for (const [id, choice] of choices)
        if (id !== ENDED && choice.lanes.length > 1) next.push(choice.lanes);
    }
    groups = next;
  }
  return found;
}

/** The index of the first token at which the lanes differ; null while they agree as far as is known. */
export function firstDivergence(lanes: readonly LaneView[]): number | null {
  return splits(lanes)[0]?.index ?? null;
}

/** Where one lane parts from others: what is marked in its answer. */
export function splitsOfLane(all: readonly Split[], lane: number): number[] {
  return all
    .filter(({ choices }) => choices.some((choice) => choice.lanes.includes(lane)))
    .map(({ index }) => index);
}

const known = new WeakMap<LaneView, { lanes: readonly LaneView[]; found: readonly Split[] }>();

/** `splits`, worked out once for the same lanes. */
export function knownSplits(lanes: readonly LaneView[]): readonly Split[] {
  const [first] = lanes;
  if (!first) return [];
  const before = known.get(first);
  if (before && before.lanes.length === lanes.length && before.lanes.every((lane, i) => lane === lanes[i]))
    return before.found;
  const found = splits(lanes);
  known.set(first, { lanes: [...lanes], found });
  return found;
}

/** Whether it ended by itself. */
export function isWhole({ end }: LaneView): boolean {
  return end?.reason === 'eos' || end?.reason === 'stop';
}

function choiceAt(lane: LaneView, index: number): number | null {
  const token = lane.tokens[index];
  if (token) return token.id;
  return isWhole(lane) ? ENDED : null;
}
