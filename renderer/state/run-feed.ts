/** Brings the events of the run that is on into the store, a frame's worth at a time. */
import { endsRun, type Failure, type RunEvent } from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import { recordAnswers } from '../run/conversation';
import { EventBatcher, type Scheduler } from '../run/event-batcher';
import { tickClock } from '../run/progress';
import { reduceEvents } from '../run/reduce-run';
import { isRunning } from '../run/run-view';
import type { AppStore } from './store';

export interface RunFeed {
  /** Ends a run whose engine is gone, through the same door as all events. */
  fail(failure: Failure): void;
  close(): void;
}

export function createRunFeed(
  client: Pick<EngineClient, 'onEvent'>,
  { getState, setState }: AppStore,
  now: () => number,
  schedule?: Scheduler,
): RunFeed {
  const apply = (events: readonly RunEvent[]) => {
    const { run, clock, conversation, turnRuns } = getState();
    const next = reduceEvents(run, events);
    const ended = next.runId !== null && !isRunning(next);
    setState({
      run: next,
      clock: tickClock(clock, next, now()),
      conversation: recordAnswers(conversation, next),
      ...(ended && { cancelling: false, turnRuns: { ...turnRuns, [next.runId]: next } }),
    });
  };
  // What was on its way when another run took the place is dropped.
  const deliver = (batch: readonly { readonly runId: string; readonly event: RunEvent }[]) => {
    const own = batch.filter(({ runId }) => runId === getState().run.runId).map(({ event }) => event);
    if (own.length > 0) apply(own);
  };
  const batcher = new EventBatcher(deliver, schedule, now);
  const close = client.onEvent((runId, event) => {
    if (runId !== getState().run.runId) return;
    batcher.push({ runId, event });
    // An end is waited for; nothing comes after it.
    if (endsRun(event)) batcher.flush();
  });

  return {
    fail(failure) {
      batcher.flush();
      if (isRunning(getState().run)) apply([{ type: 'run.failed', ...failure }]);
    },
    close,
  };
}
