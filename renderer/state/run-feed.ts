/** Brings the events of the run that is on into the store, a frame's worth at a time. */

import { endsRun, type Failure, type RunEvent } from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import { recordAnswers } from '../run/conversation';
import { EventBatcher, type Scheduler } from '../run/event-batcher';
import { tickClock } from '../run/progress';
import { reduceEvents } from '../run/reduce-run';
import { hasEnded, isRunning } from '../run/run-view';
import { runOf } from './shown-run';
import type { AppStore } from './store';

export interface RunFeed {
  /** Ends a run that its engine will not end, through the same door as all events. */
  fail(runId: string, failure: Failure): void;
  /** Ends every run that is on: the engine is gone. */
  failAll(failure: Failure): void;
  close(): void;
}

export function createRunFeed(
  client: Pick<EngineClient, 'onEvent'>,
  { getState, setState }: AppStore,
  now: () => number,
  schedule?: Scheduler,
): RunFeed {
  /** Also of a run that is no longer shown: Undo may bring it back. */
  const apply = (runId: string, events: readonly RunEvent[]) => {
    const { runViews, shown, conversation } = getState();
    const run = runOf(runViews, runId);
    if (!run) return;
    const next = reduceEvents(run, events);
    const isShown = shown.kind === 'own' && shown.runId === runId;
    setState({
      runViews: { ...runViews, [runId]: next },
      conversation: recordAnswers(conversation, next),
      ...(isShown && { shown: { ...shown, clock: tickClock(shown.clock, next, now()) } }),
      ...(isShown && hasEnded(next) && { cancelling: false }),
    });
  };
  const deliver = (batch: readonly { readonly runId: string; readonly event: RunEvent }[]) => {
    for (const runId of new Set(batch.map((each) => each.runId))) {
      const own = batch.filter((each) => each.runId === runId);
      apply(
        runId,
        own.map(({ event }) => event),
      );
    }
  };
  const batcher = new EventBatcher(deliver, schedule, now);
  const close = client.onEvent((runId, event) => {
    if (!runOf(getState().runViews, runId)) return;
    batcher.push({ runId, event });
    // An end is waited for; nothing comes after it.
    if (endsRun(event)) batcher.flush();
  });

  function fail(runId: string, failure: Failure): void {
    batcher.flush();
    const run = runOf(getState().runViews, runId);
    if (run && isRunning(run)) apply(runId, [{ type: 'run.failed', ...failure }]);
  }

  return {
    fail,
    failAll(failure) {
      for (const runId of Object.keys(getState().runViews)) fail(runId, failure);
    },
    close,
  };
}
