/** Downloads from the hub: started, paused, taken off the list. */
import type { Pull } from '../../../engine/protocol';
import type { EngineClient } from '../../engine/engine-client';
import type { ModelsEvent } from '../models-view';
import type { Toasts } from '../toasts';

export interface Downloads {
  /** Starts a download, or goes on with it. */
  pull(of: Pick<Pull, 'id' | 'dtype'> & Partial<Pick<Pull, 'revision'>>): Promise<void>;
  pause(pullId: string): Promise<void>;
  /** Takes a finished download off the list. */
  dismiss(pullId: string): void;
}

export function createDownloads(
  client: Pick<EngineClient, 'request'>,
  apply: (event: ModelsEvent) => void,
  { attempt }: Pick<Toasts, 'attempt'>,
): Downloads {
  return {
    pull: ({ id, dtype, revision = 'main' }) =>
      attempt(async () => {
        apply({ type: 'pull.changed', pull: await client.request('models.pull', { id, dtype, revision }) });
      }),
    pause: (pullId) =>
      attempt(async () => {
        await client.request('models.pause', { pullId });
      }),
    dismiss: (pullId) => apply({ type: 'pull.dismissed', pullId }),
  };
}
