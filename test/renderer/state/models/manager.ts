/** The model manager over a transport whose other end is the test. */
import { vi } from 'vitest';
import { createEngineClient } from '../../../../renderer/engine/engine-client';
import { createModels } from '../../../../renderer/state/models';
import { createAppStore } from '../../../../renderer/state/store';
import { createToasts } from '../../../../renderer/state/toasts';
import { FakeTransport } from '../../fake-transport';
import { MODEL } from '../../models-examples';

export function start(pathOf: ((file: File) => string) | null = null) {
  const transport = new FakeTransport();
  const store = createAppStore();
  const client = createEngineClient(transport);
  const toasts = createToasts(store);
  const openModel = vi.fn(async () => {
    store.setState({ model: { state: 'open', info: MODEL } });
  });
  const models = createModels(client, store, { openModel }, toasts, { pathOf, keepServerKey: null });
  const asked = (method: string) => transport.sent.filter((request) => request.method === method);
  return { transport, store, models, openModel, asked };
}
export const settle = () => new Promise((resolve) => setImmediate(resolve));

export const READY = { state: 'ready', detail: '', silentSince: null } as const;
export const FAILURE = { kind: 'failure', code: 'unreachable', message: 'no connection', hint: 'Check it.' };
export const refuse = (transport: FakeTransport, request: { id: number } | undefined) =>
  transport.receive({ kind: 'response', id: request?.id, ok: false, error: FAILURE });
