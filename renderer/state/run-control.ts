/** Starts runs and ends them. */
import { type RunConfig, toFailure } from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import { startClock } from '../run/progress';
import { isRunning, requestedRun } from '../run/run-view';
import type { AppState } from './app-state';
import { checkDraft } from './draft';
import { firstTurn, lossOf, withoutBranches } from './first-turn';
import type { ModelOpening } from './model-opening';
import type { RunFeed } from './run-feed';
import { ownRun, showing, shownRun } from './shown-run';
import type { AppStore } from './store';
import { undoToast } from './undo';

export interface RunControl {
  /** Asks the prompt in every lane, as a new conversation. Does nothing where the draft is not valid or a run is on. */
  run(): Promise<void>;
  /** Starts a run whose answers `change` gives their place. Does nothing while a run is on. */
  start(config: RunConfig, change: (runId: string) => Partial<AppState>): Promise<void>;
  /** Ends one lane's answer where it is; the others go on. */
  stopLane(lane: string): Promise<void>;
  /** Ends the run, or the opening of a model. */
  cancel(): Promise<void>;
}

export interface RunControlOptions {
  readonly newRunId: () => string;
  readonly now: () => number;
}

export function createRunControl(
  client: Pick<EngineClient, 'request'>,
  store: AppStore,
  opening: ModelOpening,
  feed: RunFeed,
  { newRunId, now }: RunControlOptions,
): RunControl {
  const { getState, setState } = store;

  const tellRun = (tell: (runId: string) => Promise<unknown>, atFailure?: Partial<AppState>) =>
    tellShownRun(store, tell, atFailure);

  const start: RunControl['start'] = async (config, change) => {
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
    const tell = (runId: string) => {
      setState({ cancelling: true, cancellingSince: now() });
      return client.request('run.cancel', { runId });
    };
    await tellRun(tell, { cancelling: false });
  };

  return {
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
  };
}

/** Does nothing where no run is on. */
async function tellShownRun(
  { getState, setState }: AppStore,
  tell: (runId: string) => Promise<unknown>,
  atFailure: Partial<AppState> = {},
): Promise<void> {
  const run = shownRun(getState());
  if (!isRunning(run) || run.runId === null) return;
  try {
    await tell(run.runId);
  } catch (thrown) {
    setState({ ...atFailure, requestFailure: toFailure(thrown) });
  }
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
