/** Why lanes part at a token: the two candidates there, their margin with and without delta, and what tipped it. */
import type { SlotStep, TokenEvent } from '../../engine/protocol';
import type { Split } from './divergence';
import type { LaneView } from './run-view';

export interface Candidate {
  readonly id: number;
  readonly token: string;
}

/** Natural logarithms throughout; null where the engine did not list the token there. */
export interface LaneMargin {
  /** Index into the lanes given. */
  readonly lane: number;
  readonly chosen: Candidate;
  readonly wasForced: boolean;
  readonly logprobs: readonly [number | null, number | null];
  readonly baseLogprobs: readonly [number | null, number | null];
  /** Log-odds of the first candidate against the second. */
  readonly margin: number | null;
  readonly baseMargin: number | null;
  /** What delta added to the log-odds; for an affine head the difference of the candidates' logit shifts. */
  readonly moved: number | null;
  /** Whether delta turned the order of the candidates round. */
  readonly flipped: boolean;
}

export interface Contest {
  readonly index: number;
  readonly candidates: readonly [Candidate, Candidate];
  readonly margins: readonly LaneMargin[];
  /** The lanes read the same up to here: without delta they would have had one distribution. */
  readonly sameState: boolean;
}

/** Null where a lane ended instead of choosing. */
export function contestAt(lanes: readonly LaneView[], split: Split): Contest | null {
  const tokens = split.choices.flatMap(({ token }) => token ?? []);
  const [first, second] = tokens;
  if (!first || !second) return null;
  const candidates: readonly [Candidate, Candidate] = [candidateOf(first), candidateOf(second)];
  const members = split.choices.flatMap((choice) => choice.lanes).toSorted((a, b) => a - b);
  const margins = members.flatMap((lane) => {
    const token = lanes[lane]?.tokens[split.index];
    return token ? [marginOf(lane, token, candidates)] : [];
  });
  const prompts = new Set(members.map((lane) => lanes[lane]?.prompt?.ids.join()));
  return { index: split.index, candidates, margins, sameState: prompts.size === 1 && agree(margins) };
}

function marginOf(lane: number, token: TokenEvent, candidates: Contest['candidates']): LaneMargin {
  const [a, b] = candidates.map(({ id }) => listed(token, id));
  const odds = a && b ? { own: a.logprob - b.logprob, base: a.baseLogprob - b.baseLogprob } : null;
  return {
    lane,
    chosen: candidateOf(token),
    wasForced: token.forced === true,
    logprobs: [a?.logprob ?? null, b?.logprob ?? null],
    baseLogprobs: [a?.baseLogprob ?? null, b?.baseLogprob ?? null],
    margin: odds?.own ?? null,
    baseMargin: odds?.base ?? null,
    moved: odds && odds.own - odds.base,
    flipped: odds !== null && odds.own * odds.base < 0,
  };
}

/** The token's own text as the vocabulary has it, not as it joins the text before it. */
export function candidateOf({ id, token, text, top }: TokenEvent): Candidate {
  // Runs from before events had it list most of them.
  return { id, token: token ?? top.find((each) => each.id === id)?.token ?? text };
}

function listed(token: TokenEvent, id: number) {
  if (id === token.id) return { logprob: token.logprob, baseLogprob: token.baseLogprob };
  return token.top.find((each) => each.id === id);
}

/** Batches of other sizes round differently. */
const ROUNDING = 1e-2;

function agree(margins: readonly LaneMargin[]): boolean {
  const [first, ...others] = margins;
  return others.every((own) =>
    own.baseLogprobs.every((value, i) => {
      const other = first?.baseLogprobs[i] ?? null;
      return value === null || other === null || Math.abs(value - other) < ROUNDING;
    }),
  );
}

/** Probabilities of the tokens that matter at a split, most probable in any lane first. */
export interface SplitRow extends Candidate {
  /** One per margin: under the lane's own distribution; null where it is not listed. */
  readonly probabilities: readonly (number | null)[];
  readonly base: number | null;
}

export function splitRows(
  lanes: readonly LaneView[],
  { index, margins, candidates }: Contest,
  most: number,
): SplitRow[] {
  const events = margins.flatMap(({ lane }) => lanes[lane]?.tokens[index] ?? []);
  const named = new Map<number, Candidate>(candidates.map((candidate) => [candidate.id, candidate]));
  for (const event of events)
    for (const { id, token } of event.top) named.set(id, named.get(id) ?? { id, token });
  const rows = [...named.values()].map((candidate): SplitRow => {
    const found = events.map((event) => listed(event, candidate.id));
    const base = found.find((each) => each !== undefined)?.baseLogprob;
    return {
      ...candidate,
      probabilities: found.map((each) => (each ? Math.exp(each.logprob) : null)),
      base: base === undefined ? null : Math.exp(base),
    };
  });
  const weight = ({ id, probabilities }: SplitRow) =>
    (candidates.some((candidate) => candidate.id === id) ? 2 : 0) +
    Math.max(...probabilities.map((p) => p ?? 0));
  return rows.toSorted((a, b) => weight(b) - weight(a)).slice(0, most);
}

/** The logit shift of a token after a lane's last step, where one of its lists names it. */
export function listedShift(step: SlotStep | undefined, id: number): number | null {
  if (!step) return null;
  const lists = [step.boosted, step.suppressed, step.gained, step.lost];
  for (const list of lists) {
    const entry = list.find((each) => each.id === id);
    if (entry) return entry.shift;
  }
  return null;
}
