/** What the user can do to the engine, as functions over the client and the store; no component code. */
import type { EngineClient } from '../engine/engine-client';
import type { Shell } from '../engine/shell';
import type { Scheduler } from '../run/event-batcher';
import { watchEngine } from './engine-watch';
import { createModelOpening } from './model-opening';
import { createRunControl, type RunControl } from './run-control';
import { createRunFeed } from './run-feed';
import type { AppStore } from './store';

export interface EngineControl extends RunControl {
  /** Opens the chosen model, instead of one that is not open yet. Resolves also where that fails or is cancelled. */
  openModel(): Promise<void>;
  /** Gives up the opening of a model that is on, and opens the one that was open before. */
  stopOpening(): Promise<void>;
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
  const opening = createModelOpening(client, store, now);
  const feed = createRunFeed(client, store, now, options.schedule);
  const engine = watchEngine(client, store, opening, feed, options.restartEngine);
  const unsubscribes = [
    client.onBrokenMessage((brokenMessage) => store.setState({ brokenMessage })),
    client.onPreparing((preparing) => store.setState({ preparing })),
  ];
  return {
    ...createRunControl(client, store, opening, feed, { newRunId, now }),
    openModel: opening.open,
    stopOpening: opening.goBack,
    restartEngine: engine.restart,
    reconnect: () => client.retry(),
    close() {
      for (const close of [feed.close, engine.close, ...unsubscribes]) close();
      client.close();
    },
  };
}
