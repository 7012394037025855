/** Reads the card of one model at a time, instead of one that is not read yet. */
import { isCancelled, toFailure } from '../../../engine/protocol';
import type { EngineClient } from '../../engine/engine-client';
import type { CardSubject, ModelsEvent } from '../models-view';
import type { AppStore } from '../store';

export interface CardReading {
  /** Reads a card, instead of one that is not read yet. */
  inspect(subject: CardSubject): Promise<void>;
  stopReading(): void;
}

export function createCardReading(
  client: Pick<EngineClient, 'request'>,
  { getState }: AppStore,
  apply: (event: ModelsEvent) => void,
): CardReading {
  let reading = new AbortController();
  return {
    async inspect(subject) {
      reading.abort();
      reading = new AbortController();
      apply({ type: 'card.asked', subject });
      try {
        const card = await client.request('models.inspect', { ...subject }, reading.signal);
        apply({ type: 'card.read', subject, card });
      } catch (thrown) {
        if (!isCancelled(thrown)) apply({ type: 'card.failed', subject, failure: toFailure(thrown) });
      }
    },
    stopReading() {
      reading.abort();
      if (getState().models.shown?.isReading) apply({ type: 'card.cancelled' });
    },
  };
}
