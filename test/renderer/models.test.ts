/** Models and downloads as the window knows them: messages in, view out, and the requests that actions make. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelCard, ModelEntry, Pull } from '../../engine/protocol';
import { groupInputs } from '../../renderer/components/models/group-inputs';
import { pullWords, timeLeft } from '../../renderer/components/models/pull-words';
import { createEngineClient } from '../../renderer/engine-client';
import { createLibrary } from '../../renderer/state/library';
import { createModels, SEARCH_DELAY_MS } from '../../renderer/state/models';
import { type ModelsEvent, NO_MODELS, reduceModels } from '../../renderer/state/models-view';
import { createAppStore } from '../../renderer/state/store';
import { FakeTransport } from './fake-transport';

const HUB = { endpoint: 'https://huggingface.co', cacheFolder: '/cache', isOffline: false, hasToken: false };
const PULL: Pull = {
  pullId: 'some-org/tiny@main/q4',
  id: 'some-org/tiny',
  revision: 'main',
  dtype: 'q4',
  state: 'downloading',
  files: [
    { path: 'onnx/model_q4.onnx', bytes: 3_000_000, done: 1_500_000 },
    { path: 'config.json', bytes: 1000, done: 1000 },
  ],
  bytes: 3_001_000,
  done: 1_501_000,
  bytesPerSecond: 500_000,
  secondsLeft: 3,
  problem: null,
};
const ENTRY: ModelEntry = {
  source: 'folder',
  model: '/models/tiny',
  name: 'tiny',
  folder: '/models/tiny',
  family: 'qwen2',
  dtypes: [{ dtype: 'fp32', bytes: 10 }],
  bytes: 10,
  problem: null,
};
const CARD: ModelCard = {
  source: 'hub',
  model: 'some-org/tiny',
  name: 'some-org/tiny',
  folder: null,
  family: 'qwen2',
  dtype: 'q4',
  dtypes: [],
  layers: 2,
  vocab: 400,
  hidden: 16,
  contextLength: 64,
  hasChatTemplate: true,
  inputs: [],
  projection: 'MatMulNBits',
  chain: ['hidden', 'MatMulNBits', 'logits'],
  files: [],
  memory: null,
  step: null,
  fetched: 100,
  refusal: null,
};

const viewAfter = (...events: ModelsEvent[]) => events.reduce(reduceModels, NO_MODELS);
const changed = (part: Partial<Pull>): ModelsEvent => ({ type: 'pull.changed', pull: { ...PULL, ...part } });
const listed = (pulls: Pull[]): ModelsEvent => ({ type: 'list.read', list: { models: [], pulls, hub: HUB } });

describe('downloads', () => {
  it('follow their messages, several at once, in the order they were begun', () => {
    const other = { pullId: 'other', id: 'some-org/other' };
    const view = viewAfter(
      changed({}),
      changed(other),
      changed({ done: 2_000_000 }),
      changed({ ...other, done: 7 }),
    );
    expect(view.pulls.map(({ pullId, done }) => [pullId, done])).toEqual([
      [PULL.pullId, 2_000_000],
      ['other', 7],
    ]);
  });

  it('come back from the list after a restart of the engine', () => {
    const restarted = viewAfter(changed({}), { type: 'engine.exited' });
    expect(restarted.pulls).toMatchObject([{ state: 'paused', bytesPerSecond: null, done: PULL.done }]);
    expect(viewAfter(listed([{ ...PULL, state: 'paused' }])).pulls).toMatchObject([{ state: 'paused' }]);
    // What the engine no longer knows of is gone, unless it had finished before the user's eyes.
    expect(viewAfter(changed({}), listed([])).pulls).toEqual([]);
    expect(viewAfter(changed({ state: 'done' }), listed([])).pulls).toMatchObject([{ state: 'done' }]);
    expect(viewAfter(changed({ state: 'done' }), listed([PULL])).pulls).toEqual([PULL]);
  });

  it('that have finished stay until they are dismissed', () => {
    expect(
      viewAfter(changed({ state: 'done' }), { type: 'pull.dismissed', pullId: PULL.pullId }, listed([]))
        .pulls,
    ).toEqual([]);
  });

  it('are told with size, speed and time left, and never as whole before they are', () => {
    expect(pullWords(PULL)).toBe('50 % · 1.5 MB of 3 MB · 500 kB/s · about 3 s left');
    const almost = { ...PULL, done: PULL.bytes - 1, bytesPerSecond: null, secondsLeft: null };
    expect(pullWords(almost)).toMatch(/^99 %/);
    expect(pullWords({ ...PULL, files: [], bytes: 0, done: 0 })).toBe('Asking the hub for its files…');
    expect(pullWords({ ...PULL, state: 'paused' })).toMatch(/^Paused at 50 %/);
    expect(pullWords({ ...PULL, state: 'failed', bytes: 0, done: 0 })).toBe('Failed');
  });

  it('write times coarsely', () => {
    expect([0.2, 59.4, 60, 3599, 7800].map(timeLeft)).toEqual([
      '1 s',
      '59 s',
      '1 min',
      '1 h 0 min',
      '2 h 10 min',
    ]);
  });
});

describe('the view', () => {
  const subject = { model: 'some-org/tiny', dtype: null };
  const failure = {
    kind: 'failure',
    code: 'unreachable',
    message: 'no connection',
    hint: 'Check it.',
  } as const;

  it('takes the answer to what is asked now, not to what was asked before', () => {
    const other = { model: '/models/tiny', dtype: null };
    const view = viewAfter(
      { type: 'card.asked', subject },
      { type: 'card.asked', subject: other },
      { type: 'card.read', subject, card: CARD },
    );
    expect(view.shown).toEqual({ subject: other, card: null, isReading: true, failure: null });
    const found = [{ ...HUB_MODEL, id: 'stale/model' }];
    const search = viewAfter(
      { type: 'search.asked', query: 'a' },
      { type: 'search.asked', query: 'ab' },
      { type: 'search.answered', query: 'a', found },
    ).search;
    expect(search).toMatchObject({ query: 'ab', isAsking: true, found: null });
    expect(
      viewAfter({ type: 'search.asked', query: '' }, { type: 'search.failed', query: 'a', failure }).search
        .failure,
    ).toBeNull();
  });

  it('keeps a card while another dtype of its model is read', () => {
    const read: ModelsEvent[] = [
      { type: 'card.asked', subject },
      { type: 'card.read', subject, card: CARD },
    ];
    const next = { ...subject, dtype: 'fp16' };
    expect(viewAfter(...read, { type: 'card.asked', subject: next }).shown).toMatchObject({
      card: CARD,
      isReading: true,
    });
    expect(
      viewAfter(...read, { type: 'card.asked', subject: { model: null, dtype: null } }).shown?.card,
    ).toBeNull();
    const failed = viewAfter(...read, { type: 'card.failed', subject, failure });
    expect(failed.shown).toEqual({ subject, card: null, isReading: false, failure });
  });

  it('groups inputs by layer', () => {
    const past = (layer: number, kind: string) => ({
      name: `past_key_values.${layer}.${kind}`,
      type: 'float32',
      dims: ['batch', 2, 'past', 8],
    });
    const inputs = [
      { name: 'input_ids', type: 'int64', dims: ['batch', 'length'] },
      ...[0, 1, 2].flatMap((layer) => [past(layer, 'key'), past(layer, 'value')]),
    ];
    expect(groupInputs(inputs).map(({ name, layers }) => [name, layers])).toEqual([
      ['input_ids', 1],
      ['past_key_values.N.key', 3],
      ['past_key_values.N.value', 3],
    ]);
  });
});

const HUB_MODEL = {
  id: 'some-org/tiny',
  downloads: 1,
  likes: 1,
  updatedAt: '2026-01-01T00:00:00.000Z',
  gated: false,
  isCached: false,
};

describe('actions', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  function start(pathOf: ((file: File) => string) | null = null) {
    const transport = new FakeTransport();
    const store = createAppStore();
    const client = createEngineClient(transport);
    const library = createLibrary(client, store);
    const openModel = vi.fn(async () => {
      store.setState({ modelState: 'open' });
    });
    const models = createModels(client, store, { openModel }, library, { pathOf });
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

  it('read list and card when the manager opens, and the list when the engine is back', () => {
    const { store, asked } = start();
    store.setState({ engine: { state: 'ready', detail: '' } });
    expect(asked('models.list')).toHaveLength(1);
    store.setState({ libraryView: 'models' });
    expect(asked('models.list')).toHaveLength(2);
    expect(asked('models.inspect')).toMatchObject([{ params: { model: null, dtype: null } }]);
  });

  it('open a finished download with its dtype, and close the manager', async () => {
    const { transport, store, models, openModel, asked } = start();
    store.setState({ libraryView: 'models' });
    transport.receive({ kind: 'pull', pull: { ...PULL, state: 'done' } });
    expect(asked('models.list')).toHaveLength(2);
    await models.openPulled(PULL);
    expect(openModel).toHaveBeenCalledOnce();
    expect(store.getState()).toMatchObject({
      modelChoice: { folder: 'some-org/tiny', dtype: 'q4' },
      libraryView: 'closed',
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
      libraryView: 'models',
      models: { tab: 'here', folderFailure: { code: 'no-path' } },
    });
  });
});
