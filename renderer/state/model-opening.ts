/** Opens the chosen model: one at a time, and the one that was chosen last. */
import { isCancelled, type ModelInfo, toFailure } from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import type { AppState } from './app-state';
import { type ModelDraft, modelSettings } from './draft';
import { CLOSED, openModelOf } from './model-state';
import { withOpeningTime } from './opening-times';
import { withRecentModel } from './prompts-state';
import type { AppStore } from './store';

export interface ModelOpening {
  /** Opens the chosen model, instead of one that is not open yet. Resolves also where that fails or is cancelled. */
  open(): Promise<void>;
  /** Gives up the opening that is on. */
  stop(): void;
  /** And opens what was open before, where anything was. */
  goBack(): Promise<void>;
}

export function createModelOpening(
  client: Pick<EngineClient, 'request'>,
  { getState, setState, subscribe }: AppStore,
  now: () => number,
): ModelOpening {
  let current: {
    readonly choice: string;
    readonly stop: AbortController;
    readonly done: Promise<void>;
  } | null = null;
  let opened: ModelDraft | null = null;

  async function openChosen(signal: AbortSignal): Promise<void> {
    const { modelChoice: choice, model } = getState();
    const since = now();
    setState({ model: { state: 'opening', since, before: openModelOf(model) } });
    let isPrepared = true;
    const unsubscribe = subscribe(({ preparing }) => {
      if (preparing) isPrepared = false;
    });
    try {
      const info = await client.request('model.open', modelSettings(choice), signal);
      setState({
        model: { state: 'open', info },
        ...afterOpening(getState(), choice, info, isPrepared ? now() - since : null),
      });
      opened = choice;
    } catch (thrown) {
      if (!isCancelled(thrown)) setState({ model: { state: 'failed', failure: toFailure(thrown) } });
      // Otherwise another one opens instead.
      else if (current?.stop.signal === signal) setState({ model: CLOSED });
    } finally {
      unsubscribe();
    }
  }

  async function open(): Promise<void> {
    const choice = JSON.stringify(modelSettings(getState().modelChoice));
    if (current?.choice !== choice) {
      current?.stop.abort();
      const stop = new AbortController();
      current = { choice, stop, done: openChosen(stop.signal) };
    }
    const mine = current;
    await mine.done;
    if (current === mine) current = null;
  }

  return {
    open,
    stop: () => current?.stop.abort(),
    async goBack() {
      current?.stop.abort();
      if (!opened) return;
      setState({ modelChoice: opened });
      await open();
    },
  };
}

/** @param took null where that says nothing of the next time: weights are prepared once */
function afterOpening(
  { openingTimes, recentModels }: AppState,
  choice: ModelDraft,
  { id, dtype }: ModelInfo,
  took: number | null,
): Partial<AppState> {
  return {
    openingTimes: took === null ? openingTimes : withOpeningTime(openingTimes, choice, took),
    recentModels: withRecentModel(recentModels, { id, dtype, choice }),
  };
}
