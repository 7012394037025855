/** The servers that the user added: their list, how each stands, adding and forgetting one. */
import { type Failure, type Params, toFailure } from '../../../engine/protocol';
import type { EngineClient } from '../../engine/engine-client';
import type { Shell } from '../../engine/shell';
import type { ModelsEvent } from '../models-view';
import type { AppStore } from '../store';
import type { Toasts } from '../toasts';

export interface Servers {
  /** @returns why it was not added; null where it was */
  addServer(server: Params<'servers.add'>): Promise<Failure | null>;
  forgetServer(address: string): Promise<void>;
  /** Asks how it stands. */
  checkServer(address: string): Promise<void>;
}

export interface OwnServers extends Servers {
  /** Reads the list, and asks after those of which nothing is known. */
  refreshServers(): Promise<void>;
}

export function createServers(
  client: Pick<EngineClient, 'request'>,
  { getState }: AppStore,
  apply: (event: ModelsEvent) => void,
  toasts: Toasts,
  { keepServerKey }: Pick<Shell, 'keepServerKey'>,
): OwnServers {
  async function readList(): Promise<void> {
    const { servers } = await client.request('servers.list', {});
    apply({ type: 'servers.read', servers });
  }

  async function checkServer(address: string): Promise<void> {
    apply({ type: 'server.asked', address });
    const status = await client
      .request('servers.status', { address })
      .catch((thrown: unknown) => ({ about: null, latency: null, problem: toFailure(thrown) }));
    apply({ type: 'server.told', address, status });
  }

  return {
    checkServer,
    async refreshServers() {
      try {
        await readList();
      } catch {
        // The list of this machine says what is wrong with the engine.
        return;
      }
      const { servers, statuses } = getState().models;
      const unknown = (servers ?? []).filter(({ address }) => statuses[address] === undefined);
      await Promise.all(unknown.map(({ address }) => checkServer(address)));
    },
    async addServer(server) {
      try {
        const status = await client.request('servers.add', server);
        apply({ type: 'server.told', address: server.address, status });
        await readList();
        if (server.key && keepServerKey && !(await keepServerKey(server.address, server.key)))
          toasts.say('This system has no keychain: the key is forgotten when the app ends.');
        return null;
      } catch (thrown) {
        return toFailure(thrown);
      }
    },
    forgetServer: (address) =>
      toasts.attempt(async () => {
        await client.request('servers.forget', { address });
        await keepServerKey?.(address, null);
        await readList();
      }),
  };
}
