/** Events to view model: the whole of a run, its failures and its cancel. */
import { describe, expect, it } from 'vitest';
import { RunEvent } from '../../../engine/protocol';
import { deltaNormCurves, gradientNormCurves, lossCurves } from '../../../renderer/run/curves';
import { rankGroups, rankTokens, stepEvent } from '../../../renderer/run/ranking';
import { reduceEvents, reduceRun } from '../../../renderer/run/reduce-run';
import {
  adaptingLanes,
  EMPTY_RUN,
  hasTokens,
  requestedRun,
  stepsShown,
} from '../../../renderer/run/run-view';
import { COMPLETE_RUN, CONFIG, laneDone, RUN_ID, STARTED, slotStep, token } from '../run-events';

function lane(view: typeof EMPTY_RUN, name: string) {
  const found = view.lanes.find((each) => each.name === name);
  if (!found) throw new Error(`no lane ${name}`);
  return found;
}

describe('a complete run', () => {
  const view = reduceEvents(EMPTY_RUN, COMPLETE_RUN);

  it('is made of events that fit the contract', () => {
    for (const event of COMPLETE_RUN) expect(RunEvent.parse(event)).toEqual(event);
  });

  it('ends with everything in its place', () => {
    expect(view.phase).toBe('done');
    expect(view.model?.id).toBe('starter');
    expect(view.prompt?.tokens).toEqual(['Two', ' and', ' two?']);
    expect(view.reading).toEqual({ tokens: 3, total: 3, ms: 5 });
    expect(view.notices.map((notice) => notice.code)).toEqual(['context-limit']);
    expect(view.timings).toEqual({ load: 0, prefill: 5, slot: 6, decode: 20 });
    expect(lane(view, 'baseline')).toMatchObject({ state: 'done', end: { text: 'It is', reason: 'eos' } });
    expect(
      lane(view, 'slot')
        .tokens.map((each) => each.text)
        .join(''),
    ).toBe('It must be');
    expect(stepsShown(view)).toBe(2);
  });

  it('gives curves that count updates: losses before each and after the last, delta from zero', () => {
    expect(lossCurves(adaptingLanes(view))).toEqual([
      {
        lane: 'slot',
        points: [
          { step: 0, value: 3 },
          { step: 1, value: 2.5 },
          { step: 2, value: 2.25 },
        ],
      },
    ]);
    expect(deltaNormCurves(adaptingLanes(view))[0]?.points.map((point) => point.value)).toEqual([0, 0.5, 1]);
    expect(gradientNormCurves(adaptingLanes(view))[0]?.points.map((point) => point.value)).toEqual([1, 0.5]);
    // A lane that has not begun has no point, not even at 0.
    expect(deltaNormCurves([{ name: 'slot', steps: [], slot: null }])).toEqual([
      { lane: 'slot', points: [] },
    ]);
  });

  it('ranks by raw shift, centred shift and mass moved at any step', () => {
    expect(stepEvent(lane(view, 'slot'), 0)).toBeNull();
    const first = stepEvent(lane(view, 'slot'), 1);
    const last = stepEvent(lane(view, 'slot'), 99);
    if (!first || !last) throw new Error('steps are missing');
    expect(last.step).toBe(1);
    expect(rankTokens(first, 'raw').up[0]).toEqual({ id: 1, token: ' think', value: 2 });
    expect(rankTokens(last, 'centred').up[0]?.value).toBe(3);
    expect(rankTokens(last, 'centred').down[0]?.value).toBe(-7);
    expect(rankTokens(first, 'mass').down[0]).toEqual({ id: 3, token: '4', value: -0.04 });
    expect(rankGroups(first, 'raw')).toEqual([{ name: 'digits', value: -1 }]);
    expect(rankGroups(first, 'centred')).toEqual([{ name: 'digits', value: -1.5 }]);
    expect(rankGroups(first, 'mass')).toEqual([{ name: 'digits', value: -0.05 }]);
  });

  it('is the same one event at a time, and leaves the views before it alone', () => {
    const frozen = COMPLETE_RUN.reduce((before, event) => deepFreeze(reduceRun(before, event)), EMPTY_RUN);
    expect(frozen).toEqual(view);
  });
});

describe('a draft of a server', () => {
  const draft = (text: string): RunEvent => ({ type: 'lane.draft', lane: 'slot', text });
  const drafted = reduceEvents(EMPTY_RUN, [STARTED, draft('It'), draft('It must')]);

  it('is the lane’s text until its tokens are told', () => {
    expect(drafted.phase).toBe('writing');
    expect(lane(drafted, 'slot')).toMatchObject({ state: 'writing', draft: 'It must', tokens: [] });
    expect(lane(drafted, 'baseline').draft).toBeNull();
    const [first] = COMPLETE_RUN.filter((event) => event.type === 'token' && event.lane === 'slot');
    expect(lane(reduceRun(drafted, first!), 'slot').draft).toBeNull();
  });

  it('goes where the lane ends without tokens', () => {
    const [done] = COMPLETE_RUN.filter((event) => event.type === 'lane.done' && event.lane === 'slot');
    expect(lane(reduceRun(drafted, done!), 'slot').draft).toBeNull();
  });
});

describe('phases', () => {
  it('follow the events', () => {
    let view = requestedRun(RUN_ID, CONFIG);
    const phases = COMPLETE_RUN.map((event) => {
      view = reduceRun(view, event);
      return view.phase;
    });
    expect([...new Set(phases)]).toEqual(['reading', 'optimising', 'writing', 'done']);
  });

  it('of a run and of its lane follow each kind of event', () => {
    let view = requestedRun(RUN_ID, CONFIG);
    const told = (event: RunEvent) => {
      view = reduceRun(view, event);
      return [view.phase, ...view.lanes.map(({ state }) => state)].join(' ');
    };
    const [slotDone] = COMPLETE_RUN.filter(({ type }) => type === 'slot.done');
    expect(told(STARTED)).toBe('reading waiting waiting');
    expect(told({ type: 'slot.progress', positions: 1, total: 3 })).toBe('optimising waiting waiting');
    expect(view.preparing).toEqual({ positions: 1, total: 3 });
    const source = { source: 0, sources: 2, step: 0, steps: 1 };
    const learning = { type: 'slot.source', ...source } as unknown as RunEvent;
    expect(told(learning)).toBe('optimising waiting waiting');
    expect(view.learning).toMatchObject(source);
    // The next prompt that a control learns from.
    expect(told({ type: 'prompt.progress', tokens: 1, total: 3 })).toBe('reading waiting waiting');
    expect([view.preparing, view.reading]).toEqual([null, { tokens: 1, total: 3, ms: null }]);
    expect(told({ type: 'slot.progress', positions: 2, total: 3 })).toBe('optimising waiting waiting');
    expect(view.learning).toBeNull();
    expect(told(slotStep(0, 3))).toBe('optimising waiting optimising');
    expect([view.preparing, view.learning]).toEqual([null, null]);
    expect(told(slotDone!)).toBe('optimising waiting waiting');
    expect(told({ type: 'lane.draft', lane: 'slot', text: 'It' })).toBe('writing waiting writing');
    expect(told(token('slot', 0, 1, 'It'))).toBe('writing waiting writing');
    expect(told(token('baseline', 0, 1, 'It'))).toBe('writing writing writing');
    expect(told(laneDone('slot', 'It', [1], 'cancelled'))).toBe('writing writing stopped');
    expect(told(laneDone('baseline', 'It', [1]))).toBe('writing done stopped');
    expect(told({ type: 'run.cancelled' })).toBe('cancelled done stopped');
  });

  it('keep notices that came before the start', () => {
    const early = reduceRun(requestedRun(RUN_ID, CONFIG), {
      type: 'notice',
      code: 'no-template',
      message: 'no chat template',
    });
    expect(reduceRun(early, STARTED).notices).toHaveLength(1);
  });

  it('keep what a notice says, and of which lane', () => {
    const said = { type: 'notice', code: 'context-limit', message: 'It is long.' } as const;
    const view = reduceEvents(EMPTY_RUN, [STARTED, said, { ...said, lane: 'slot' }]);
    expect(view.notices).toEqual([
      { code: 'context-limit', message: 'It is long.', lane: null },
      { code: 'context-limit', message: 'It is long.', lane: 'slot' },
    ]);
  });

  it('know of lanes that have written', () => {
    const view = reduceEvents(EMPTY_RUN, [STARTED, token('slot', 0, 1, 'It')]);
    expect(view.lanes.map(hasTokens)).toEqual([false, true]);
  });

  it('take over a prompt of a lane', () => {
    const view = reduceEvents(EMPTY_RUN, [
      STARTED,
      { type: 'lane.prompt', lane: 'slot', text: 'x', ids: [1], tokens: ['x'] },
    ]);
    expect(lane(view, 'slot').prompt?.text).toBe('x');
    expect(lane(view, 'baseline').prompt).toBeNull();
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
