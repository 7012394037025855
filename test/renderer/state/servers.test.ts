/** What the model manager does with servers: the requests, what their answers change, and where a key goes. */
import { expect, it, vi } from 'vitest';
import { createEngineClient } from '../../../renderer/engine/engine-client';
import { DEFAULT_DRAFT, modelSettings, withWeights } from '../../../renderer/state/draft';
import { createModels } from '../../../renderer/state/models';
import { createAppStore } from '../../../renderer/state/store';
import { createToasts } from '../../../renderer/state/toasts';
import { FakeTransport } from '../fake-transport';
import { MODEL } from '../models-examples';

const address = 'http://127.0.0.1:8080';
const STATUS = {
  about: {
    engine: 'llama.cpp',
    version: 'b1',
    model: 'm',
    weights: 'Q4_K_M',
    vocab: 10,
    hidden: 4,
    contextLength: 512,
    longestRead: 256,
    slots: 2,
  },
  latency: 3,
  problem: null,
} as const;
const settle = () => new Promise((resolve) => setImmediate(resolve));

function start(kept: boolean | null = true) {
  const transport = new FakeTransport();
  const store = createAppStore();
  const openModel = vi.fn(async () => store.setState({ model: { state: 'open', info: MODEL } }));
  const keepServerKey = vi.fn(async () => kept === true);
  const shell = { pathOf: null, keepServerKey: kept === null ? null : keepServerKey };
  const models = createModels(
    createEngineClient(transport),
    store,
    { openModel },
    createToasts(store),
    shell,
  );
  const asked = (method: string) => transport.sent.filter((request) => request.method === method);
  return { transport, store, models, openModel, keepServerKey, asked };
}

it('adds a server that answers, and gives its key to the keychain', async () => {
  const { transport, store, models, keepServerKey, asked } = start();
  const adding = models.addServer({ address, head: '/a.gguf', key: 'secret' });
  transport.answer(STATUS, asked('servers.add')[0]);
  await settle();
  const servers = [{ address, head: '/a.gguf', hasKey: true }];
  transport.answer({ servers }, asked('servers.list')[0]);
  expect(await adding).toBeNull();
  expect(store.getState().models).toMatchObject({ servers, statuses: { [address]: STATUS } });
  expect(keepServerKey).toHaveBeenCalledWith(address, 'secret');
  expect(JSON.stringify(store.getState())).not.toContain('secret');
});

it('says why one is not added, and keeps no key of it', async () => {
  const { transport, models, keepServerKey, asked } = start();
  const adding = models.addServer({ address, head: '/a.gguf', key: 'wrong' });
  const failure = { kind: 'input', code: 'server-key', message: 'no', hint: 'yes' } as const;
  transport.receive({ kind: 'response', id: asked('servers.add')[0]?.id, ok: false, error: failure });
  expect(await adding).toEqual(failure);
  expect(keepServerKey).not.toHaveBeenCalled();
});

it('forgets a server together with its key', async () => {
  const { transport, models, keepServerKey, asked } = start();
  const forgetting = models.forgetServer(address);
  transport.answer({}, asked('servers.forget')[0]);
  await settle();
  transport.answer({ servers: [] }, asked('servers.list')[0]);
  await forgetting;
  expect(keepServerKey).toHaveBeenCalledWith(address, null);
});

it('opens a model on a server, and the next one here', async () => {
  const { store, models, openModel } = start();
  await models.openOnServer('/a.gguf', address);
  expect(openModel).toHaveBeenCalledOnce();
  expect(modelSettings(store.getState().modelChoice)).toMatchObject({ folder: '/a.gguf', server: address });
  const here = withWeights(store.getState().modelChoice, '/a.gguf', '');
  expect(modelSettings(here)).not.toHaveProperty('server');
  expect(modelSettings(DEFAULT_DRAFT.modelChoice)).not.toHaveProperty('server');
});

it('opens the model anew with another server for its baselines, and without', async () => {
  const { store, models, openModel } = start();
  await models.openOnServer('/a.gguf', address);
  const choice = () => modelSettings(store.getState().modelChoice);
  await models.answerBaselineOn('http://127.0.0.1:9');
  expect(choice()).toMatchObject({ server: address, baselineServer: 'http://127.0.0.1:9' });
  await models.answerBaselineOn(null);
  expect(choice()).not.toHaveProperty('baselineServer');
  expect(openModel).toHaveBeenCalledTimes(3);
  await models.answerBaselineOn('http://127.0.0.1:9');
  await models.openOnServer('/b.gguf', address);
  expect(choice()).not.toHaveProperty('baselineServer');
});

it('with the same weights leaves the choice as it is, its arithmetic too', () => {
  const chosen = { ...DEFAULT_DRAFT.modelChoice, folder: '/a', dtype: 'q4', arithmetic: 'fast' } as const;
  expect(withWeights(chosen, '/a', 'q4')).toBe(chosen);
  expect(withWeights(chosen, '/a', '')).toMatchObject({ dtype: '', arithmetic: 'exact' });
  expect(withWeights(chosen, '/a', 'q4', address)).toMatchObject({ server: address, arithmetic: 'exact' });
});

it('that does not answer is told with what is wrong', async () => {
  const { transport, store, models, asked } = start();
  const checking = models.checkServer(address);
  expect(asked('servers.status')).toMatchObject([{ params: { address } }]);
  const problem = { kind: 'failure', code: 'server-gone', message: 'no answer', hint: 'Start it.' } as const;
  transport.receive({ kind: 'response', id: asked('servers.status')[0]?.id, ok: false, error: problem });
  await checking;
  expect(JSON.stringify(store.getState().models)).toContain('no answer');
});

it('says where a key cannot be kept; a browser keeps none', async () => {
  for (const [kept, text] of [
    [false, expect.stringContaining('no keychain')],
    [null, undefined],
    [true, undefined],
  ] as const) {
    const { transport, store, models, asked } = start(kept);
    const adding = models.addServer({ address, head: '/a.gguf', key: 'secret' });
    transport.answer(STATUS, asked('servers.add')[0]);
    await settle();
    transport.answer({ servers: [] }, asked('servers.list')[0]);
    expect(await adding).toBeNull();
    expect(store.getState().toast?.text).toEqual(text);
    const forgetting = models.forgetServer(address);
    transport.answer({}, asked('servers.forget')[0]);
    await settle();
    transport.answer({ servers: [] }, asked('servers.list')[1]);
    await forgetting;
    expect(asked('servers.list')).toHaveLength(2);
  }
});

it('asks the keychain nothing for a server without a key', async () => {
  const { transport, models, keepServerKey, asked } = start();
  const adding = models.addServer({ address, head: '/a.gguf', key: null });
  transport.answer(STATUS, asked('servers.add')[0]);
  await settle();
  transport.answer({ servers: [] }, asked('servers.list')[0]);
  await adding;
  expect(keepServerKey).not.toHaveBeenCalled();
});

it('reads the list as the engine is there, and asks after each server of which nothing is known', async () => {
  const { transport, store, asked } = start();
  const READY = { state: 'ready', detail: '', silentSince: null } as const;
  const servers = ['http://127.0.0.1:1', 'http://127.0.0.1:2'].map((each) => ({
    address: each,
    head: '/a.gguf',
    hasKey: false,
  }));
  store.setState({ engine: READY });
  transport.answer({ servers: servers.slice(0, 1) }, asked('servers.list')[0]);
  await settle();
  expect(asked('servers.status')).toMatchObject([{ params: { address: servers[0]!.address } }]);
  expect(store.getState().models.statuses).toEqual({ [servers[0]!.address]: 'asking' });
  transport.answer(STATUS, asked('servers.status')[0]);
  await settle();
  store.setState({ engine: { ...READY, state: 'exited' } });
  store.setState({ engine: READY });
  transport.answer({ servers }, asked('servers.list')[1]);
  await settle();
  expect(asked('servers.status').map(({ params }) => params)).toEqual(
    servers.map(({ address: each }) => ({ address: each })),
  );
});

it('keeps what is known of servers where their list cannot be read', async () => {
  const { transport, store, asked } = start();
  store.setState({ engine: { state: 'ready', detail: '', silentSince: null } });
  const failure = { kind: 'failure', code: 'no-disk', message: 'gone', hint: '' } as const;
  transport.receive({ kind: 'response', id: asked('servers.list')[0]?.id, ok: false, error: failure });
  await settle();
  expect(asked('servers.status')).toEqual([]);
  expect(store.getState().models.servers).toBeNull();
  expect(store.getState().toast).toBeNull();
});
