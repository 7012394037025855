/** Searches the hub, and reads the list that stands where nothing is searched. */
import { isCancelled, toFailure } from '../../../engine/protocol';
import type { EngineClient } from '../../engine/engine-client';
import type { ModelsEvent } from '../models-view';
import type { AppStore } from '../store';

/** Keys follow each other faster; the hub is asked once they rest. */
export const SEARCH_DELAY_MS = 350;
const MAX_QUERY_LENGTH = 200;

export interface HubSearching {
  /** Asks the hub once the typing rests; an empty query goes back to the curated list. */
  search(query: string): void;
  /** Asks again what was asked last. */
  searchAgain(): void;
}

export interface OwnHubSearching extends HubSearching {
  /** Asks for what is not known yet. */
  resume(): void;
  /** What was asked for is asked again by `resume`. */
  pause(): void;
}

export function createHubSearching(
  client: Pick<EngineClient, 'request'>,
  { getState }: AppStore,
  apply: (event: ModelsEvent) => void,
): OwnHubSearching {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let searching = new AbortController();

  async function readCurated(): Promise<void> {
    try {
      apply({ type: 'curated.read', models: (await client.request('models.curated', {})).models });
    } catch {
      // The list of this machine says what is wrong with the engine.
    }
  }

  async function ask(query: string): Promise<void> {
    searching = new AbortController();
    try {
      const { models } = await client.request('models.search', { query }, searching.signal);
      apply({ type: 'search.answered', query, found: models });
    } catch (thrown) {
      if (!isCancelled(thrown)) apply({ type: 'search.failed', query, failure: toFailure(thrown) });
    }
  }

  function stop(): void {
    clearTimeout(timer);
    searching.abort();
  }

  function searchAgain(): void {
    const { query } = getState().models.search;
    stop();
    apply({ type: 'search.asked', query });
    void ask(query);
  }

  return {
    search(text) {
      const query = text.trim().slice(0, MAX_QUERY_LENGTH);
      if (query === getState().models.search.query) return;
      stop();
      apply({ type: 'search.asked', query });
      if (query !== '') timer = setTimeout(() => void ask(query), SEARCH_DELAY_MS);
    },
    searchAgain,
    resume() {
      const { curated, search } = getState().models;
      if (!curated) void readCurated();
      const { query, found, failure, isAsking } = search;
      if (query !== '' && !found && !failure && !isAsking) searchAgain();
    },
    pause() {
      stop();
      if (getState().models.search.isAsking) apply({ type: 'search.cancelled' });
    },
  };
}
