/** Where a run's time went. */
import { expect, it } from 'vitest';
import { startClock } from '../../../renderer/run/progress';
import { reduceEvents } from '../../../renderer/run/reduce-run';
import { runTimes } from '../../../renderer/run/run-times';
import { EMPTY_RUN } from '../../../renderer/run/run-view';
import { COMPLETE_RUN } from '../run-events';

const DONE = { type: 'run.done', ms: { load: 0, prefill: 5, slot: 6, decode: 60 } } as const;
const events = COMPLETE_RUN.filter(({ type }) => type !== 'run.done');
const clock = { ...startClock(100), writingSince: 120, endedAt: 200 };

it('is told by the engine, and the rest of the wall clock is the window and the way to it', () => {
  const view = reduceEvents(EMPTY_RUN, [...events, DONE]);
  expect(runTimes(view, clock, 999)).toEqual({
    parts: [
      { name: 'prefill', ms: 5 },
      { name: 'optimise', ms: 6 },
      { name: 'decode', ms: 60 },
      { name: 'window', ms: 29 },
    ],
    total: 100,
  });
});

it('has no window where nobody watched it: a stored run', () => {
  const view = reduceEvents(EMPTY_RUN, [...events, DONE]);
  expect(runTimes(view, null, 999)?.parts.map(({ name }) => name)).toEqual(['prefill', 'optimise', 'decode']);
  expect(runTimes(view, null, 999)?.total).toBe(71);
});

it('of a run that ended without its figures is as far as they were told', () => {
  const cancelled = reduceEvents(EMPTY_RUN, [...events, { type: 'run.cancelled' }]);
  const told = [
    { name: 'prefill', ms: 5 },
    { name: 'optimise', ms: 6 },
  ];
  // Nobody watched it; or its watch began when it had ended.
  expect(runTimes(cancelled, null, 999)).toEqual({ parts: told, total: 11 });
  expect(runTimes(cancelled, { ...clock, endedAt: null }, 999)).toEqual({ parts: told, total: 11 });
  expect(runTimes(cancelled, { ...clock, writingSince: null }, 999)).toEqual({ parts: told, total: 11 });
  expect(runTimes(cancelled, clock, 999)).toEqual({
    parts: [...told, { name: 'decode', ms: 80 }],
    total: 91,
  });
});

it('has no part for what takes less than half a millisecond, and none that is less than nothing', () => {
  const ms = { load: 0.4, prefill: 0.5, slot: 6, decode: 60 };
  const view = reduceEvents(EMPTY_RUN, [...events, { ...DONE, ms }]);
  expect(runTimes(view, { ...clock, endedAt: 120 }, 999)).toEqual({
    parts: [
      { name: 'prefill', ms: 0.5 },
      { name: 'optimise', ms: 6 },
      { name: 'decode', ms: 60 },
    ],
    total: 66.9,
  });
});

it('grows while a run goes on', () => {
  const view = reduceEvents(EMPTY_RUN, events);
  const going = { ...clock, endedAt: null };
  expect(runTimes(view, going, 150)?.parts).toEqual([
    { name: 'prefill', ms: 5 },
    { name: 'optimise', ms: 6 },
    { name: 'decode', ms: 30 },
  ]);
  expect(runTimes(reduceEvents(EMPTY_RUN, events.slice(0, 1)), startClock(100), 150)).toBeNull();
});
