/** What the user can do to the engine, as functions over the client and the store; no component code. */
import { endsRun, isCancelled, type RunConfig, type RunEvent, toEngineError } from '../../engine/protocol';
import type { EngineClient, EngineState } from '../engine/engine-client';
import type { Shell } from '../engine/shell';
import { recordAnswers } from '../run/conversation';
import { EventBatcher, type Scheduler } from '../run/event-batcher';
import { startClock, tickClock } from '../run/progress';
import { reduceEvents } from '../run/reduce-run';
import { type Failure, isRunning, requestedRun } from '../run/run-view';
import type { AppState } from './app-state';
import { checkDraft, modelSettings } from './draft';
import { firstTurn, lossOf, withoutBranches } from './first-turn';
import { withOpeningTime } from './opening-times';
import type { AppStore } from './store';
import { undoToast } from './undo';

export interface Session {
  /** Asks the prompt in every lane, as a new conversation. Does nothing where the draft is not valid or a run is on. */
  run(): Promise<void>;
  /** Starts a run whose answers `change` gives their place. Does nothing while a run is on. */
  start(config: RunConfig, change: (runId: string) => Partial<AppState>): Promise<void>;
  /** Ends one lane's answer where it is; the others go on. */
  stopLane(lane: string): Promise<void>;
  /** Ends the run, or the opening of a model. */
  cancel(): Promise<void>;
  /** Opens the chosen model, instead of one that is not open yet. Resolves also where that fails or is cancelled. */
  openModel(): Promise<void>;
  /** Ends the engine process whatever it does, and opens the model again unless opening it is what went wrong. */
  restartEngine(): Promise<void>;
  /** Tries the connection now. */
  reconnect(): void;
  close(): void;
}

export interface SessionOptions {
  readonly restartEngine: Shell['restartEngine'];
  readonly newRunId?: () => string;
  readonly now?: () => number;
  readonly schedule?: Scheduler;
}

export function createSession(client: EngineClient, store: AppStore, options: SessionOptions): Session {
  const { newRunId = () => crypto.randomUUID(), now = () => performance.now() } = options;
  const { getState, setState } = store;
  /** Whether the next engine that gets ready opens the model by itself. */
  let opensNext = true;
  let endedWhileOpening = false;
  let opening: {
    readonly choice: string;
    readonly stop: AbortController;
    readonly done: Promise<void>;
  } | null = null;

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
  const batcher = new EventBatcher(deliver, options.schedule, now);

  /** A run whose engine is gone ends here, through the same door as all events. */
  const endRun = (failure: Failure) => {
    batcher.flush();
    if (isRunning(getState().run)) apply([{ type: 'run.failed', ...failure }]);
  };

  const onEngineState = (engine: EngineState) => {
    const before = getState();
    const isNews = engine.state !== before.engine.state;
    // The end of the old process is part of a restart; another end is not.
    const restarting = before.restarting && isNews && engine.state !== 'ready';
    setState({ engine, restarting: isNews || engine.state === 'exited' ? restarting : before.restarting });
    if (engine.state === 'ready') {
      // Else not by itself: if opening the model is what ended the engine, the next try is the user's.
      if (isNews && opensNext) void openModel();
      if (isNews) opensNext = false;
      return;
    }
    if (engine.state === 'connecting') return;
    if (isNews) endedWhileOpening = before.modelState === 'opening';
    endRun(
      engine.state === 'exited'
        ? {
            kind: 'failure',
            code: 'engine-exited',
            message: 'The engine stopped during the run.',
            hint: 'What arrived before is kept. Restart the engine and run again.',
          }
        : {
            kind: 'failure',
            code: 'connection-lost',
            message: 'The connection to the engine was lost during the run.',
            hint: 'What arrived before is kept. Run again when the connection is back.',
          },
    );
    setState({ model: null, modelState: 'closed', patience: 1 });
  };

  const openModel = async () => {
    const choice = JSON.stringify(modelSettings(getState().modelChoice));
    if (opening?.choice !== choice) {
      opening?.stop.abort();
      const stop = new AbortController();
      opening = { choice, stop, done: openChosen(stop.signal) };
    }
    const mine = opening;
    await mine.done;
    if (opening === mine) opening = null;
  };

  const openChosen = async (signal: AbortSignal) => {
    const choice = getState().modelChoice;
    const openingSince = now();
    setState({ modelState: 'opening', modelFailure: null, openingSince });
    try {
      const model = await client.request('model.open', modelSettings(choice), signal);
      const openingTimes = withOpeningTime(getState().openingTimes, choice, now() - openingSince);
      setState({ model, modelState: 'open', modelFailure: null, openingTimes });
    } catch (thrown) {
      if (!isCancelled(thrown)) {
        setState({ model: null, modelState: 'failed', modelFailure: asFailure(thrown) });
        // Otherwise another one opens instead.
      } else if (opening?.stop.signal === signal) setState({ model: null, modelState: 'closed' });
    }
  };

  const start: Session['start'] = async (config, change) => {
    if (isRunning(getState().run)) return;
    const runId = newRunId();
    setState({
      run: requestedRun(runId, config),
      clock: startClock(now()),
      selectedStep: null,
      cancelling: false,
      requestFailure: null,
      brokenMessage: null,
      reopened: null,
      inspected: null,
      pinned: null,
      ...change(runId),
    });
    try {
      await client.request('run.start', { runId, config });
      // A run opens the model that it needs; ask for its particulars once that is done.
      if (getState().modelState !== 'open') void openModel();
    } catch (thrown) {
      endRun(asFailure(thrown));
    }
  };

  const cancel = async () => {
    const { run } = getState();
    // A run that has begun has its model, and asks for its particulars alone.
    if (!isRunning(run) || run.phase === 'requested') opening?.stop.abort();
    if (!isRunning(run) || run.runId === null) return;
    setState({ cancelling: true, cancellingSince: now() });
    try {
      await client.request('run.cancel', { runId: run.runId });
    } catch (thrown) {
      setState({ cancelling: false, requestFailure: asFailure(thrown) });
    }
  };

  const unsubscribes = [
    client.onEvent((runId, event) => {
      if (runId !== getState().run.runId) return;
      batcher.push({ runId, event });
      // An end is waited for; nothing comes after it.
      if (endsRun(event)) batcher.flush();
    }),
    client.onEngineState(onEngineState),
    client.onBrokenMessage((brokenMessage) => setState({ brokenMessage })),
  ];

  return {
    openModel,
    start,
    async run() {
      const state = withoutBranches(getState());
      const { config } = checkDraft(state);
      if (!config) return;
      const loss = lossOf(getState());
      const undo = loss !== null && undoToast(store, () => void cancel(), `Begun anew: ${loss} dropped.`);
      await start(config, (runId) => ({ ...firstTurn(state, runId), ...undo }));
    },
    async stopLane(lane) {
      const { run } = getState();
      if (!isRunning(run) || run.runId === null) return;
      try {
        await client.request('lane.stop', { runId: run.runId, lane });
      } catch (thrown) {
        setState({ requestFailure: asFailure(thrown) });
      }
    },
    cancel,
    async restartEngine() {
      const { engine, modelState } = getState();
      opensNext = engine.state === 'ready' ? modelState !== 'opening' : !endedWhileOpening;
      setState({ restarting: true });
      try {
        await options.restartEngine();
      } catch (thrown) {
        setState({ restarting: false, requestFailure: asFailure(thrown) });
      }
    },
    reconnect: () => client.retry(),
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      client.close();
    },
  };
}

export function asFailure(thrown: unknown): Failure {
  const { kind, code, message, hint } = toEngineError(thrown);
  return { kind, code, message, hint };
}
