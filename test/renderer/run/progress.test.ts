/** What the window says while it waits: how far, how fast and how long still, by a clock that the test winds. */
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../engine/protocol';
import { beforeFirstTokenMs, tokensPerSecond } from '../../../renderer/run/lane-timing';
import { describeProgress, remainingMs, startClock, tickClock } from '../../../renderer/run/progress';
import { reduceEvents, reduceRun } from '../../../renderer/run/reduce-run';
import { EMPTY_RUN, requestedRun } from '../../../renderer/run/run-view';
import { COMPLETE_RUN, CONFIG, laneDone, RUN_ID, STARTED, slotStep, token } from '../run-events';

const viewAfter = (...events: RunEvent[]) => reduceEvents(EMPTY_RUN, [STARTED, ...events]);
const lane = (view: ReturnType<typeof viewAfter>, name: string) =>
  view.lanes.find((each) => each.name === name) ?? EMPTY_RUN.lanes[0]!;

describe('progress', () => {
  it('says what it waits for, and how a run ended', () => {
    const label = (view: Parameters<typeof describeProgress>[0], isOpen = true) =>
      describeProgress(view, isOpen).label;
    expect([label(EMPTY_RUN), label(EMPTY_RUN, false)]).toEqual(['Ready', 'No model open']);
    const requested = requestedRun(RUN_ID, CONFIG);
    expect([label(requested), label(requested, false)]).toEqual(['Starting…', 'Opening model…']);
    expect(label({ ...requested, phase: 'reading' })).toBe('Reading prompt: 0 of 0 tokens');
    const failed = { type: 'run.failed', kind: 'failure', code: 'x', message: '', hint: '' } as const;
    expect(label(viewAfter(failed))).toBe('Failed');
    expect(label(viewAfter({ type: 'run.cancelled' }))).toBe('Cancelled');
    const [first, second] = ['baseline', 'slot'].map(
      (lane) => ({ type: 'lane.failed', lane, code: 'server-cut', message: '', hint: '' }) as const,
    );
    const done = COMPLETE_RUN.at(-1)!;
    expect(label(viewAfter(first!, done))).toBe('Finished');
    expect(label(viewAfter(first!, second!, done))).toBe('Every lane failed');
    expect(describeProgress(reduceEvents(EMPTY_RUN, COMPLETE_RUN), true)).toEqual({
      label: 'Finished',
      done: 1,
      total: 1,
    });
  });

  it.each<[string, RunEvent[], { label: string; done: number; total: number | null }]>([
    ['before a chunk is read', [], { label: 'Reading prompt: 0 of 3 tokens', done: 0, total: 3 }],
    [
      'in the prompt',
      [{ type: 'prompt.progress', tokens: 2, total: 3 }],
      { label: 'Reading prompt: 2 of 3 tokens', done: 2, total: 3 },
    ],
    [
      'in the prompt’s logits',
      [{ type: 'slot.progress', positions: 64, total: 100 }],
      { label: "Computing the prompt's logits: 64 of 100 positions", done: 64, total: 100 },
    ],
    [
      'between two steps',
      [{ type: 'slot.progress', positions: 64, total: 100 }, slotStep(0, 3)],
      { label: 'SLOT step 1 of 2', done: 1, total: 2 },
    ],
    [
      'in the answers, by the longest',
      [token('baseline', 0, 1, 'a'), token('slot', 0, 1, 'a'), token('slot', 1, 2, 'b')],
      { label: 'Writing 2 of 8 tokens', done: 2, total: 8 },
    ],
    [
      'in what a server has written, whose tokens come when it has ended',
      [
        { type: 'lane.draft', lane: 'slot', text: 'It must' },
        { type: 'lane.draft', lane: 'baseline', text: 'It' },
      ],
      { label: 'Writing: 7 characters', done: 7, total: null },
    ],
    ['at the end', [...COMPLETE_RUN.slice(1)], { label: 'Finished', done: 1, total: 1 }],
  ])('%s', (_, events, expected) => {
    expect(describeProgress(viewAfter(...events), true)).toEqual(expected);
  });

  it('is of an unknown number of tokens where the run has not said what it is', () => {
    const view = { ...EMPTY_RUN, phase: 'writing' } as const;
    expect(describeProgress(view, true)).toEqual({ label: 'Writing 0 of 0 tokens', done: 0, total: 0 });
  });

  it('is none where no lane is known to adapt', () => {
    const view = { ...viewAfter(), phase: 'optimising', lanes: [] } as const;
    expect(describeProgress(view, true)).toEqual({ label: 'SLOT step 0 of 0', done: 0, total: 0 });
  });

  it('says what is waited for before the engine has begun', () => {
    const requested = requestedRun(RUN_ID, CONFIG);
    expect(describeProgress(requested, false)).toMatchObject({ label: 'Opening model…', total: null });
    expect(describeProgress(requested, true)).toMatchObject({ label: 'Starting…', total: null });
    expect(describeProgress(EMPTY_RUN, true)).toMatchObject({ label: 'Ready', total: null });
  });
});

describe('time left', () => {
  const clock = tickClock(startClock(1000), viewAfter(), 3000);

  it('is that of the stage, at its pace so far', () => {
    // 4 of 10 in two seconds: six more take three.
    expect(remainingMs({ label: '', done: 4, total: 10 }, clock, 5000)).toBe(3000);
    expect(remainingMs({ label: '', done: 9, total: 10 }, clock, 7500)).toBe(500);
  });

  it.each<[string, { done: number; total: number | null }, number]>([
    ['the amount is unknown', { done: 5, total: null }, 9000],
    ['too little has been done', { done: 2, total: 10 }, 9000],
    ['all has been done', { done: 10, total: 10 }, 9000],
    ['it has hardly begun', { done: 5, total: 10 }, 3499],
  ])('cannot be told while %s', (_, progress, now) => {
    expect(remainingMs({ label: '', ...progress }, clock, now)).toBeNull();
  });

  it('counts from the request while the engine has said nothing', () => {
    expect(tickClock(startClock(0), requestedRun(RUN_ID, CONFIG), 50)).toEqual({
      ...startClock(0),
      newestAt: 50,
    });
  });

  it('counts from when the phase began, and stops with the run', () => {
    let view = requestedRun(RUN_ID, CONFIG);
    let now = 0;
    let wound = startClock(now);
    const since: Record<string, number> = {};
    for (const event of COMPLETE_RUN) {
      view = reduceRun(view, event);
      now += 100;
      wound = tickClock(wound, view, now);
      since[wound.phase] ??= wound.phaseSince;
      expect(wound).toMatchObject({ startedAt: 0, newestAt: now, phaseSince: since[wound.phase] });
    }
    const at = (type: RunEvent['type']) => 100 * (1 + COMPLETE_RUN.findIndex((event) => event.type === type));
    expect(since).toEqual({
      reading: at('run.started'),
      optimising: at('slot.step'),
      writing: at('token'),
      done: at('run.done'),
    });
    expect(wound).toMatchObject({ writingSince: at('token'), endedAt: at('run.done') });
  });
});

describe('a lane’s timing', () => {
  it('is the engine’s, once the lane has ended', () => {
    const view = viewAfter(token('slot', 0, 1, 'a'), {
      ...laneDone('slot', 'a', [1]),
      ms: 500,
      tokens: 40,
    } as RunEvent);
    expect(tokensPerSecond(lane(view, 'slot'), 9999)).toBe(80);
  });

  it('is by the window’s clock while it writes, and none for a token or two too few', () => {
    const view = viewAfter(token('slot', 0, 1, 'a'), token('slot', 1, 2, 'b'), token('baseline', 0, 1, 'a'));
    expect(tokensPerSecond(lane(view, 'slot'), 250)).toBe(8);
    expect(tokensPerSecond(lane(view, 'slot'), null)).toBeNull();
    expect(tokensPerSecond(lane(view, 'slot'), 20)).toBeNull();
    expect(tokensPerSecond(lane(view, 'baseline'), 250)).toBeNull();
  });

  it('before the first token is the prompt’s and SLOT’s of all lanes', () => {
    const view = reduceEvents(EMPTY_RUN, COMPLETE_RUN);
    expect(beforeFirstTokenMs(view)).toBe(5 + 6);
    const { slot } = lane(view, 'slot');
    const both = view.lanes.map((each) => ({ ...each, slot }));
    expect(beforeFirstTokenMs({ ...view, lanes: both })).toBe(5 + 6 + 6);
    expect(beforeFirstTokenMs(viewAfter({ type: 'prompt.progress', tokens: 2, total: 3 }))).toBeNull();
    expect(beforeFirstTokenMs(EMPTY_RUN)).toBeNull();
  });
});
