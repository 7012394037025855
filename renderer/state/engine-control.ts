/** What the user can do to the engine, as functions over the client and the store; no component code. */

import { type RunConfig, toFailure } from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import type { Shell } from '../engine/shell';
import type { Scheduler } from '../run/event-batcher';
import { startClock } from '../run/progress';
import { isRunning, requestedRun } from '../run/run-view';
import type { AppState } from './app-state';
import { checkDraft } from './draft';
import { watchEngine } from './engine-watch';
import { firstTurn, lossOf, withoutBranches } from './first-turn';
import { createModelOpening } from './model-opening';
import { createRunFeed } from './run-feed';
import { ownRun, showing, shownRun } from './shown-run';
import type { AppStore } from './store';
import { undoToast } from './undo';

export interface EngineControl {
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

export interface ControlOptions {
  readonly restartEngine: Shell['restartEngine'];
  readonly newRunId?: () => string;
  readonly now?: () => number;
  readonly schedule?: Scheduler;
}

export function createEngineControl(
  client: EngineClient,
  store: AppStore,
  options: ControlOptions,
): EngineControl {
  const { newRunId = () => crypto.randomUUID(), now = () => performance.now() } = options;
  const { getState, setState } = store;
  const opening = createModelOpening(client, store, now);
  const feed = createRunFeed(client, store, now, options.schedule);
  const engine = watchEngine(client, store, opening, feed, options.restartEngine);
  const unsubscribe = client.onBrokenMessage((brokenMessage) => setState({ brokenMessage }));

  /** Does nothing where no run is on. */
  const tellRun = async (tell: (runId: string) => Promise<unknown>, atFailure: Partial<AppState> = {}) => {
    const run = shownRun(getState());
    if (!isRunning(run) || run.runId === null) return;
    try {
      await tell(run.runId);
    } catch (thrown) {
      setState({ ...atFailure, requestFailure: toFailure(thrown) });
    }
  };

  const start: EngineControl['start'] = async (config, change) => {
    if (isRunning(shownRun(getState()))) return;
    const runId = newRunId();
    const next = change(runId);
    const shown = ownRun(runId, startClock(now()));
    const atHand = showing(shown, { ...getState(), ...next }, requestedRun(runId, config));
    setState({ ...NOTHING_YET, ...next, ...atHand });
    try {
      await client.request('run.start', { runId, config });
      // A run opens the model that it needs; ask for its particulars once that is done.
      if (getState().model.state !== 'open') void opening.open();
    } catch (thrown) {
      feed.fail(runId, toFailure(thrown));
    }
  };

  const cancel = async () => {
    const run = shownRun(getState());
    // A run that has begun has its model, and asks for its particulars alone.
    if (!isRunning(run) || run.phase === 'requested') opening.stop();
    await tellRun(
      (runId) => {
        setState({ cancelling: true, cancellingSince: now() });
        return client.request('run.cancel', { runId });
      },
      { cancelling: false },
    );
  };

  return {
    openModel: opening.open,
    start,
    async run() {
      const state = withoutBranches(getState());
      const { config } = checkDraft(state);
      if (!config) return;
      const loss = lossOf(getState());
      const undo = loss !== null && undoToast(store, () => void cancel(), `Begun anew: ${loss} dropped.`);
      await start(config, (runId) => ({ ...firstTurn(state, runId), ...undo }));
    },
    stopLane: (lane) => tellRun((runId) => client.request('lane.stop', { runId, lane })),
    cancel,
    restartEngine: engine.restart,
    reconnect: () => client.retry(),
    close() {
      for (const close of [feed.close, engine.close, unsubscribe]) close();
      client.close();
    },
  };
}

/** What a run that has just been asked for takes the place of. */
const NOTHING_YET = {
  selectedStep: null,
  cancelling: false,
  requestFailure: null,
  brokenMessage: null,
  inspected: null,
  pinned: null,
} as const satisfies Partial<AppState>;
