/** What the model manager does: its actions, the requests that they make, and what the answers change. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngineClient } from '../../../renderer/engine/engine-client';
import { modelFailureOf } from '../../../renderer/state/model-state';
import { createModels } from '../../../renderer/state/models';
import { SEARCH_DELAY_MS } from '../../../renderer/state/models/hub-search';
import { createAppStore } from '../../../renderer/state/store';
import { createToasts } from '../../../renderer/state/toasts';
import { FakeTransport } from '../fake-transport';
import { CARD, ENTRY, HUB, HUB_MODEL, MODEL, PULL } from '../models-examples';

describe('actions', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  function start(pathOf: ((file: File) => string) | null = null) {
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
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('ask the hub once, when the typing rests, and not at all when it was taken back', async () => {
    const { models, asked, transport, store } = start();
    for (const text of ['s', 'sm', 'smol ']) models.search(text);
    vi.advanceTimersByTime(SEARCH_DELAY_MS);
    expect(asked('models.search')).toMatchObject([{ params: { query: 'smol' } }]);
    transport.answer({ models: [HUB_MODEL] }, asked('models.search')[0]);
    await settle();
    expect(store.getState().models.search).toMatchObject({ isAsking: false, found: [HUB_MODEL] });
    models.search('smoll');
    models.search('');
    vi.advanceTimersByTime(SEARCH_DELAY_MS);
    expect(asked('models.search')).toHaveLength(1);
  });

  it('read the curated list once, and show the tab that is chosen', async () => {
    const { models, asked, transport, store } = start();
    store.setState({ dialog: 'models' });
    const curated = [
      {
        id: 'some-org/tiny',
        name: 'Tiny',
        family: 'qwen2',
        parameters: 0.1,
        licence: 'mit',
        dtypes: [],
        isCached: false,
      },
    ];
    expect(asked('models.curated')).toHaveLength(1);
    transport.answer({ models: curated }, asked('models.curated')[0]);
    await settle();
    expect(store.getState().models.curated).toEqual(curated);
    store.setState({ dialog: null });
    store.setState({ dialog: 'models' });
    expect(asked('models.curated')).toHaveLength(1);
    models.showTab('hub');
    expect(store.getState().models.tab).toBe('hub');
    models.showTab('here');
    expect(store.getState().models.tab).toBe('here');
  });

  it('say why a folder was refused, until another is tried', async () => {
    const { models, transport, store } = start();
    const refused = models.addFolder('/nowhere');
    const error = { kind: 'input', code: 'no-model', message: 'there is no model', hint: '' };
    transport.receive({ kind: 'response', id: transport.sent.at(-1)?.id, ok: false, error });
    expect(await refused).toBe(false);
    expect(store.getState().models.folderFailure).toEqual(error);
    void models.addFolder('/elsewhere');
    expect(store.getState().models.folderFailure).toBeNull();
  });

  it('say a refusal without a hint in one sentence', async () => {
    const { models, transport, store } = start();
    const removed = models.remove('some-org/tiny', null);
    const error = { kind: 'input', code: 'pull-active', message: 'it is being downloaded', hint: '' };
    transport.receive({ kind: 'response', id: transport.sent.at(-1)?.id, ok: false, error });
    await removed;
    expect(store.getState().toast?.text).toBe('it is being downloaded');
  });

  it('say nothing of a search that is cancelled twice', () => {
    const { models, store } = start();
    store.setState({ dialog: 'models' });
    models.search('');
    const before = store.getState().models.search;
    store.setState({ dialog: null });
    expect(store.getState().models.search).toBe(before);
  });

  it('cancel a search that is typed further, and a card when another one is asked for', async () => {
    const { models, asked, transport, store } = start();
    models.search('smo');
    vi.advanceTimersByTime(SEARCH_DELAY_MS);
    models.search('smol');
    expect(transport.cancelled).toEqual([asked('models.search')[0]?.id]);
    vi.advanceTimersByTime(SEARCH_DELAY_MS);
    transport.answer({ models: [HUB_MODEL] }, asked('models.search')[1]);
    await settle();
    expect(store.getState().models.search).toMatchObject({
      query: 'smol',
      found: [HUB_MODEL],
      failure: null,
    });

    void models.inspect({ model: 'some-org/one', dtype: null });
    void models.inspect({ model: 'some-org/two', dtype: null });
    const [one, two] = asked('models.inspect');
    expect(transport.cancelled).toContain(one?.id);
    transport.answer(CARD, two);
    await settle();
    expect(store.getState().models.shown).toMatchObject({ card: CARD, failure: null });
    models.stopReading();
    expect(store.getState().models.shown).toMatchObject({ card: CARD });
  });

  it('cancel a card on demand, which is no failure', async () => {
    const { models, asked, transport, store } = start();
    void models.inspect({ model: 'some-org/one', dtype: null });
    models.stopReading();
    await settle();
    expect(transport.cancelled).toEqual([asked('models.inspect')[0]?.id]);
    expect(store.getState().models.shown).toMatchObject({ isReading: false, card: null, failure: null });
  });

  it('cancel all that is asked for when the manager closes, and ask again when it opens', async () => {
    const { models, asked, transport, store } = start();
    store.setState({ dialog: 'models' });
    models.search('smol');
    vi.advanceTimersByTime(SEARCH_DELAY_MS);
    const ids = [...asked('models.inspect'), ...asked('models.search')].map(({ id }) => id);
    store.setState({ dialog: null });
    expect(transport.cancelled).toEqual(ids);
    await settle();
    expect(store.getState().models.search).toMatchObject({ query: 'smol', isAsking: false, failure: null });
    store.setState({ dialog: 'models' });
    expect(asked('models.inspect')).toHaveLength(2);
    expect(asked('models.search')).toHaveLength(2);
  });

  it('leave the manager as it is where an opening is cancelled', async () => {
    const { models, openModel, asked, store } = start();
    openModel.mockImplementation(async () => store.setState({ model: { state: 'closed' } }));
    store.setState({ dialog: 'models' });
    const before = asked('models.inspect').length;
    await models.open('some-org/tiny', 'q4');
    expect(store.getState().dialog).toBe('models');
    expect(asked('models.inspect')).toHaveLength(before);
  });

  it('read list and card when the manager opens, and the list when the engine is back', () => {
    const { store, asked } = start();
    store.setState({ engine: { state: 'ready', detail: '', silentSince: null } });
    expect(asked('models.list')).toHaveLength(1);
    store.setState({ dialog: 'models' });
    expect(asked('models.list')).toHaveLength(2);
    expect(asked('models.inspect')).toMatchObject([{ params: { model: null, dtype: null } }]);
  });

  it('open a finished download with its dtype, and close the manager', async () => {
    const { transport, store, models, openModel, asked } = start();
    // Arithmetic is chosen for a model's weights.
    store.setState({
      dialog: 'models',
      modelChoice: { ...store.getState().modelChoice, arithmetic: 'fast', memorySaver: true },
    });
    transport.receive({ kind: 'pull', pull: { ...PULL, state: 'done' } });
    expect(asked('models.list')).toHaveLength(2);
    await models.openPulled(PULL);
    expect(openModel).toHaveBeenCalledOnce();
    expect(store.getState()).toMatchObject({
      modelChoice: { folder: 'some-org/tiny', dtype: 'q4', arithmetic: 'exact', memorySaver: true },
      dialog: null,
      models: { pulls: [] },
    });
  });

  it('say what a deletion freed, and what went wrong with one', async () => {
    const { transport, store, models, asked } = start();
    const removed = models.remove('some-org/tiny', 'q4');
    transport.answer({ freed: 3_001_000 });
    await settle();
    transport.answer({ models: [], pulls: [], hub: HUB }, asked('models.list')[0]);
    await removed;
    expect(store.getState().toast?.text).toBe('Deleted q4 of some-org/tiny: 3 MB freed.');
    const refused = models.remove('some-org/tiny', null);
    const error = {
      kind: 'input',
      code: 'pull-active',
      message: 'it is being downloaded',
      hint: 'Pause it.',
    };
    transport.receive({ kind: 'response', id: transport.sent.at(-1)?.id, ok: false, error });
    await refused;
    expect(store.getState().toast).toMatchObject({
      kind: 'problem',
      text: 'it is being downloaded. Pause it.',
    });
  });

  it('list what was prepared, and delete it', async () => {
    const { transport, store, models, asked } = start();
    const refreshed = models.refresh();
    const entry = {
      key: 'a'.repeat(32),
      name: 'tiny safetensors_q8',
      created: null,
      source: '/models/tiny/model.safetensors',
      bytes: 2_000_000,
      isUsed: false,
      problem: null,
    };
    transport.answer({ folder: '/data/prepared', prepared: [entry] }, asked('models.prepared')[0]);
    transport.answer({ models: [], pulls: [], hub: HUB }, asked('models.list')[0]);
    await refreshed;
    await settle();
    expect(store.getState().models.prepared).toEqual({ folder: '/data/prepared', prepared: [entry] });
    const removed = models.removePrepared(entry);
    expect(asked('models.removePrepared')).toMatchObject([{ params: { key: entry.key } }]);
    transport.answer({ freed: 2_000_000 }, asked('models.removePrepared')[0]);
    await settle();
    transport.answer({ folder: '/data/prepared', prepared: [] }, asked('models.prepared')[1]);
    transport.answer({ models: [], pulls: [], hub: HUB }, asked('models.list')[1]);
    await removed;
    await settle();
    expect(store.getState().models.prepared?.prepared).toEqual([]);
    expect(store.getState().toast?.text).toBe(
      'Deleted what was prepared of tiny safetensors_q8: 2 MB freed.',
    );
  });

  it('add a dropped folder by its path, and say so where a page cannot know it', async () => {
    const desktop = start(() => '/models/tiny');
    const added = desktop.models.addDropped(new File([], 'tiny'));
    expect(desktop.asked('models.addFolder')).toMatchObject([{ params: { folder: '/models/tiny' } }]);
    desktop.transport.answer({ model: ENTRY }, desktop.asked('models.addFolder')[0]);
    await settle();
    desktop.transport.answer({ models: [ENTRY], pulls: [], hub: HUB }, desktop.asked('models.list').at(-1));
    desktop.transport.answer(CARD, desktop.asked('models.inspect').at(-1));
    await added;
    expect(desktop.store.getState().models).toMatchObject({ entries: [ENTRY], folderFailure: null });

    const browser = start();
    await browser.models.addDropped(new File([], 'tiny'));
    expect(browser.asked('models.addFolder')).toEqual([]);
    expect(browser.store.getState()).toMatchObject({
      dialog: 'models',
      models: { tab: 'here', folderFailure: { code: 'no-path' } },
    });
  });

  const READY = { state: 'ready', detail: '', silentSince: null } as const;
  const FAILURE = { kind: 'failure', code: 'unreachable', message: 'no connection', hint: 'Check it.' };
  const refuse = (transport: FakeTransport, request: { id: number } | undefined) =>
    transport.receive({ kind: 'response', id: request?.id, ok: false, error: FAILURE });

  it('download, go on and pause, and say what goes wrong', async () => {
    const { transport, store, models, asked } = start();
    const pulling = models.pull({ id: 'some-org/tiny', dtype: 'q4' });
    expect(asked('models.pull')).toMatchObject([
      { params: { id: 'some-org/tiny', dtype: 'q4', revision: 'main' } },
    ]);
    transport.answer(PULL);
    await pulling;
    expect(store.getState().models.pulls).toEqual([PULL]);
    void models.pull({ ...PULL, revision: 'v2' });
    expect(asked('models.pull')[1]).toMatchObject({ params: { revision: 'v2' } });
    const pausing = models.pause(PULL.pullId);
    expect(asked('models.pause')).toMatchObject([{ params: { pullId: PULL.pullId } }]);
    refuse(transport, asked('models.pause')[0]);
    await pausing;
    expect(store.getState().toast).toMatchObject({ kind: 'problem', text: 'no connection. Check it.' });
    models.dismiss(PULL.pullId);
    expect(store.getState().models.pulls).toEqual([]);
  });

  it('open the manager at the card of a model that does not open', async () => {
    const { store, models, openModel, asked } = start();
    const failure = { ...FAILURE, kind: 'failure' } as const;
    openModel.mockImplementation(async () => store.setState({ model: { state: 'failed', failure } }));
    void models.open('some-org/tiny', 'q4');
    await settle();
    expect(store.getState().dialog).toBe('models');
    expect(asked('models.inspect').at(-1)).toMatchObject({ params: { model: 'some-org/tiny', dtype: 'q4' } });
    expect(modelFailureOf(store.getState().model)).toBe(failure);
    store.setState({ model: { state: 'open', info: MODEL } });
    expect(modelFailureOf(store.getState().model)).toBeNull();
  });

  it('open the starter with the engine’s choice of weights where nothing is named', async () => {
    const { store, models } = start();
    await models.open('some-org/tiny', 'q4');
    await models.open(null, null);
    expect(store.getState().modelChoice).toMatchObject({ folder: '', dtype: '' });
  });

  it('read the card of the chosen model as the manager opens, unless it is shown', async () => {
    const { store, transport, asked } = start();
    const choose = (folder: string, dtype: string) =>
      store.setState(({ modelChoice }) => ({ modelChoice: { ...modelChoice, folder, dtype } }));
    const reopen = () => {
      store.setState({ dialog: null });
      store.setState({ dialog: 'models' });
    };
    choose(' some-org/tiny ', '');
    reopen();
    expect(asked('models.inspect')).toMatchObject([{ params: { model: 'some-org/tiny', dtype: null } }]);
    transport.answer(CARD, asked('models.inspect')[0]);
    await settle();
    reopen();
    expect(asked('models.inspect')).toHaveLength(1);
    choose('some-org/tiny', 'q4');
    reopen();
    expect(asked('models.inspect')[1]).toMatchObject({ params: { model: 'some-org/tiny', dtype: 'q4' } });
    transport.answer(CARD, asked('models.inspect')[1]);
    await settle();
    reopen();
    expect(asked('models.inspect')).toHaveLength(2);
    choose('some-org/other', 'q4');
    reopen();
    expect(asked('models.inspect')[2]).toMatchObject({ params: { model: 'some-org/other', dtype: 'q4' } });
  });

  it('read the card that is shown anew as its download ends, and no other', () => {
    const { store, models, transport, asked } = start();
    void models.inspect({ model: 'some-org/tiny', dtype: null });
    transport.receive({ kind: 'pull', pull: { ...PULL, state: 'verifying' } });
    expect(asked('models.inspect')).toHaveLength(1);
    transport.receive({ kind: 'pull', pull: { ...PULL, state: 'done' } });
    expect(asked('models.inspect')[1]).toMatchObject({ params: { model: 'some-org/tiny', dtype: 'q4' } });
    transport.receive({ kind: 'pull', pull: { ...PULL, id: 'some-org/other', pullId: 'o', state: 'done' } });
    expect(asked('models.inspect')).toHaveLength(2);
    expect(store.getState().models.pulls.map(({ state }) => state)).toEqual(['done', 'done']);
  });

  it('take finished downloads off the list with what is deleted', async () => {
    const { store, models, transport, asked } = start();
    const done = { ...PULL, state: 'done' } as const;
    const pulls = [
      done,
      { ...done, pullId: 'fp16', dtype: 'fp16' },
      { ...done, pullId: 'other', id: 'some-org/other' },
      { ...PULL, pullId: 'on' },
    ];
    for (const pull of pulls) transport.receive({ kind: 'pull', pull });
    const deleteIt = async (dtype: string | null) => {
      void models.remove('some-org/tiny', dtype);
      transport.answer({ freed: 1 }, asked('models.remove').at(-1));
      await settle();
      return store.getState().models.pulls.map(({ pullId }) => pullId);
    };
    expect(await deleteIt('q4')).toEqual(['fp16', 'other', 'on']);
    expect(await deleteIt(null)).toEqual(['other', 'on']);
    expect(store.getState().toast?.text).toBe('Deleted some-org/tiny: 1 B freed.');
  });

  it('forget a folder, and name what was prepared of a model without a name', async () => {
    const { store, models, transport, asked } = start();
    void models.forgetFolder('/models/tiny');
    expect(asked('models.forgetFolder')).toMatchObject([{ params: { folder: '/models/tiny' } }]);
    const before = asked('models.list').length;
    transport.answer({}, asked('models.forgetFolder')[0]);
    await settle();
    expect(asked('models.list')).toHaveLength(before + 1);
    void models.removePrepared({ key: 'a'.repeat(32), name: null });
    transport.answer({ freed: 5 }, asked('models.removePrepared')[0]);
    await settle();
    expect(store.getState().toast?.text).toBe('Deleted what was prepared of a model: 5 B freed.');
  });

  it('say why the list, or what was prepared, cannot be read', async () => {
    const { store, models, transport, asked } = start();
    const reading = models.refresh();
    refuse(transport, asked('models.prepared')[0]);
    refuse(transport, asked('models.list')[0]);
    await reading;
    expect(store.getState().models).toMatchObject({ listFailure: FAILURE, prepared: null, entries: null });
  });

  it('add what is handed to the app before the user’s eyes', () => {
    const { store, models, asked } = start();
    models.showTab('hub');
    void models.addHanded('/models/a.gguf');
    expect(store.getState()).toMatchObject({ dialog: 'models', models: { tab: 'here' } });
    expect(asked('models.addFolder')).toMatchObject([{ params: { folder: '/models/a.gguf' } }]);
  });

  it('say why the hub did not answer, and ask it again on demand', async () => {
    const { store, models, transport, asked } = start();
    models.search('smol');
    vi.advanceTimersByTime(SEARCH_DELAY_MS);
    refuse(transport, asked('models.search')[0]);
    await settle();
    expect(store.getState().models.search).toMatchObject({ isAsking: false, failure: FAILURE, found: null });
    models.searchAgain();
    expect(asked('models.search')[1]).toMatchObject({ params: { query: 'smol' } });
    models.search(`${'x'.repeat(300)}`);
    vi.advanceTimersByTime(SEARCH_DELAY_MS);
    expect(asked('models.search')[2]).toMatchObject({ params: { query: 'x'.repeat(200) } });
  });

  it('say why a card cannot be read', async () => {
    const { store, models, transport, asked } = start();
    const reading = models.inspect({ model: 'some-org/one', dtype: null });
    refuse(transport, asked('models.inspect')[0]);
    await reading;
    expect(store.getState().models.shown).toMatchObject({ card: null, isReading: false, failure: FAILURE });
    models.stopReading();
    expect(store.getState().models.shown?.failure).toEqual(FAILURE);
  });

  it('have nothing to stop where no card was asked for', () => {
    const { store, models } = start();
    models.stopReading();
    expect(store.getState().models.shown).toBeNull();
  });

  it('keep downloads where they were cut as the engine ends', () => {
    const { store, transport } = start();
    store.setState({ engine: READY });
    transport.receive({ kind: 'pull', pull: PULL });
    store.setState({ engine: { ...READY, state: 'exited' } });
    expect(store.getState().models.pulls).toMatchObject([{ state: 'paused', bytesPerSecond: null }]);
  });

  it('hear nothing once they are closed', () => {
    const { store, models, transport, asked } = start();
    store.setState({ dialog: 'models' });
    const ids = asked('models.inspect').map(({ id }) => id);
    models.close();
    expect(transport.cancelled).toEqual(ids);
    const before = transport.sent.length;
    store.setState({ engine: READY, dialog: null });
    store.setState({ dialog: 'models' });
    transport.receive({ kind: 'pull', pull: PULL });
    expect(transport.sent).toHaveLength(before);
    expect(store.getState().models.pulls).toEqual([]);
  });
});
