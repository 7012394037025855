/** Where any number of lanes part, who wins there, and what delta did to the odds. */
import { describe, expect, it } from 'vitest';
import type { RunEvent, TokenEvent } from '../../../engine/protocol';
import { contestAt, listedShift, splitRows } from '../../../renderer/run/contest';
import { firstDivergence, splits, splitsOfLane } from '../../../renderer/run/divergence';
import { emptyLane, type LaneView } from '../../../renderer/run/run-view';
import { verdictOf } from '../../../renderer/run/verdict';
import { laneDone, slotStep, token } from '../run-events';

function lane(name: string, tokens: TokenEvent[], ended = false): LaneView {
  const settings = {
    name,
    preset: 'transformers' as const,
    steps: 0,
    lr: 0.1,
    origin: { kind: 'own' as const },
    forcedPrefix: [],
  };
  const end = laneDone(name, '', []) as Extract<RunEvent, { type: 'lane.done' }>;
  return { ...emptyLane(settings), tokens, end: ended ? end : null };
}

function writes(name: string, ids: number[], ended = false): LaneView {
  return lane(
    name,
    ids.map((id, index) => token(name, index, id, `${id}`)),
    ended,
  );
}

describe('splits', () => {
  it('are the forks of the tree of answers', () => {
    const lanes = [writes('a', [1, 2, 3, 4]), writes('b', [1, 5, 6]), writes('c', [1, 2, 3, 9])];
    const found = splits(lanes);
    expect(found.map(({ index, choices }) => [index, choices.map((choice) => choice.lanes)])).toEqual([
      [1, [[0, 2], [1]]],
      [3, [[0], [2]]],
    ]);
    expect(firstDivergence(lanes)).toBe(1);
    expect([0, 1, 2].map((at) => splitsOfLane(found, at))).toEqual([[1, 3], [1], [1, 3]]);
  });

  it('are at most one less than the lanes, and none for lanes that agree', () => {
    expect(splits([writes('a', [1]), writes('b', [2]), writes('c', [3])])).toHaveLength(1);
    expect(splits([writes('a', [1, 2]), writes('b', [1, 2]), writes('c', [1])])).toEqual([]);
    expect(splits([])).toEqual([]);
  });

  it('show a lane that ended by itself as a choice without a token', () => {
    const [split] = splits([writes('a', [1], true), writes('b', [1, 2])]);
    expect(split?.choices.map((choice) => choice.token?.id ?? null)).toEqual([null, 2]);
  });
});

/** Log-probabilities of tokens 1 and 2 in the lane and without delta; `id` is the one taken. */
function stand(
  name: string,
  id: number,
  own: [number, number],
  base: [number, number],
  forced = false,
): LaneView {
  const top = [1, 2].map((each, i) => ({
    id: each,
    token: ` t${each}`,
    logprob: own[i] ?? 0,
    baseLogprob: base[i] ?? 0,
  }));
  const chosen = top.find((each) => each.id === id);
  if (!chosen) throw new Error('not listed');
  const event = { ...token(name, 0, id, ` t${id}`), ...chosen, text: ` t${id}`, top };
  return lane(name, [forced ? { ...event, forced: true } : event]);
}

describe('a contest', () => {
  const BASE: [number, number] = [-0.5, -1.5];
  const lanes = [stand('base', 1, BASE, BASE), stand('slot', 2, [-1.4, -0.4], BASE)];
  const [split] = splits(lanes);
  const contest = split && contestAt(lanes, split);

  it('gives each lane its margin, with and without delta, and says who was flipped', () => {
    expect(contest?.candidates.map(({ token: text }) => text)).toEqual([' t1', ' t2']);
    expect(contest?.sameState).toBe(true);
    // Of two prompts, even where the numbers happen to be the same.
    const other = { text: 'x', ids: [1], tokens: ['x'] };
    const apart = lanes.map((each, i) => (i === 0 ? each : { ...each, prompt: other }));
    expect(split && contestAt(apart, split)?.sameState).toBe(false);
    const [base, slot] = contest?.margins ?? [];
    expect(base).toMatchObject({ margin: 1, baseMargin: 1, moved: 0, flipped: false });
    expect(slot?.margin).toBeCloseTo(-1);
    // The softmax's own sum cancels: this is the difference of the two logit shifts.
    expect(slot?.moved).toBeCloseTo(-2);
    expect(slot?.flipped).toBe(true);
  });

  it('is none where a lane ended instead of choosing', () => {
    for (const parted of [
      [writes('a', [1], true), writes('b', [1, 2])],
      [writes('a', [1, 2]), writes('b', [1], true)],
    ]) {
      const [ended] = splits(parted);
      expect(ended && contestAt(parted, ended)).toBeNull();
    }
  });

  it('has no margin where a lane does not list the other candidate', () => {
    const [one, other] = [stand('a', 1, BASE, BASE), stand('b', 2, BASE, BASE)];
    const alone = { ...one!, tokens: one!.tokens.map((event) => ({ ...event, top: event.top.slice(0, 1) })) };
    const parted = [alone, other!];
    const [at] = splits(parted);
    const found = at && contestAt(parted, at);
    expect(found?.margins[0]).toMatchObject({
      logprobs: [-0.5, null],
      baseLogprobs: [-0.5, null],
      margin: null,
      baseMargin: null,
      moved: null,
      flipped: false,
    });
    expect(found?.margins[1]).toMatchObject({ margin: 1, moved: 0 });
    expect(found && verdictOf(found, found.margins[0]!, 'a')).toBeNull();
  });

  it('reads as a sentence', () => {
    if (!contest) throw new Error('no contest');
    const [base, slot] = contest.margins;
    expect(base && verdictOf(contest, base, 'base')).toBeNull();
    expect(slot && verdictOf(contest, slot, 'slot')).toBe(
      'In slot delta moved the odds by 2.000 nats towards “·t2”, more than the 1.000 by which “·t1” led without it.',
    );
  });

  it('tells a token that was forced, and a draw against the odds, from a win', () => {
    const others = [
      stand('a', 1, BASE, BASE),
      stand('b', 2, [-0.6, -1.2], BASE),
      stand('c', 2, BASE, BASE, true),
    ];
    const [parted] = splits(others);
    const found = parted && contestAt(others, parted);
    const sentences = found?.margins.map((each) => verdictOf(found, each, others[each.lane]?.name ?? ''));
    expect(sentences?.[1]).toMatch(/still does\. The draw took “·t2” all the same\.$/);
    expect(sentences?.[2]).toMatch(/^c was given “·t2”/);
  });

  it('notices lanes whose hidden states differ', () => {
    const parted = [stand('a', 1, BASE, BASE), stand('b', 2, [-3, -1], [-3, -1])];
    const [at] = splits(parted);
    expect(at && contestAt(parted, at)?.sameState).toBe(false);
  });

  it('lists both candidates first, with a gap where a lane does not list a token', () => {
    const other = lanes.map((view, i) => ({
      ...view,
      tokens: view.tokens.map((event) => ({
        ...event,
        top: i === 0 ? [...event.top, { id: 3, token: ' t3', logprob: -0.1, baseLogprob: -0.1 }] : event.top,
      })),
    }));
    const rows = contest ? splitRows(other, contest, 8) : [];
    expect(rows.map(({ id }) => id)).toEqual([2, 1, 3]);
    expect(rows[2]?.probabilities).toEqual([Math.exp(-0.1), null]);
    expect(contest && splitRows(other, contest, 2).map(({ id }) => id)).toEqual([2, 1]);
  });

  it('takes a shift from whichever list names the token', () => {
    const step = slotStep(0, 3);
    expect(listedShift(step, 1)).toBe(2);
    expect(listedShift(step, 3)).toBe(-3);
    expect(listedShift(step, 99)).toBeNull();
    expect(listedShift(undefined, 1)).toBeNull();
  });
});
