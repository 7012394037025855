/** Follows the engine's process and the connection to it: what opens when it is there, what ends when it is gone. */
import { toFailure } from '../../engine/protocol';
import type { EngineClient, EngineState } from '../engine/engine-client';
import type { Shell } from '../engine/shell';
import type { ModelOpening } from './model-opening';
import { CLOSED } from './model-state';
import type { RunFeed } from './run-feed';
import type { AppStore } from './store';

export interface EngineWatch {
  /** Ends the engine process whatever it does, and opens the model again unless opening it is what went wrong. */
  restart(): Promise<void>;
  close(): void;
}

const EXITED = {
  kind: 'failure',
  code: 'engine-exited',
  message: 'The engine stopped during the run.',
  hint: 'What arrived before is kept. Restart the engine and run again.',
} as const;

const LOST = {
  kind: 'failure',
  code: 'connection-lost',
  message: 'The connection to the engine was lost during the run.',
  hint: 'What arrived before is kept. Run again when the connection is back.',
} as const;

export function watchEngine(
  client: Pick<EngineClient, 'onEngineState'>,
  { getState, setState }: AppStore,
  opening: ModelOpening,
  feed: RunFeed,
  restartEngine: Shell['restartEngine'],
): EngineWatch {
  /** Whether the next engine that gets ready opens the model by itself. */
  let opensNext = true;
  let endedWhileOpening = false;

  const onEngineState = (engine: EngineState) => {
    const before = getState();
    const isNews = engine.state !== before.engine.state;
    // The end of the old process is part of a restart; another end is not.
    const restarting = before.restarting && isNews && engine.state !== 'ready';
    setState({ engine, restarting: isNews || engine.state === 'exited' ? restarting : before.restarting });
    if (engine.state === 'ready') {
      // Else not by itself: if opening the model is what ended the engine, the next try is the user's.
      if (isNews && opensNext) void opening.open();
      if (isNews) opensNext = false;
      return;
    }
    if (engine.state === 'connecting') return;
    if (isNews) endedWhileOpening = before.model.state === 'opening';
    feed.failAll(engine.state === 'exited' ? EXITED : LOST);
    const { model } = getState();
    setState({ model: model.state === 'failed' ? model : CLOSED, patience: 1, preparing: null });
  };
  const close = client.onEngineState(onEngineState);

  return {
    async restart() {
      const { engine, model } = getState();
      opensNext = engine.state === 'ready' ? model.state !== 'opening' : !endedWhileOpening;
      setState({ restarting: true });
      try {
        await restartEngine();
      } catch (thrown) {
        setState({ restarting: false, requestFailure: toFailure(thrown) });
      }
    },
    close,
  };
}
