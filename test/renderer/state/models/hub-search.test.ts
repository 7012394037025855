/** What the model manager asks the hub, and what it makes of the answers. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SEARCH_DELAY_MS } from '../../../../renderer/state/models/hub-search';
import { CARD, HUB_MODEL } from '../../models-examples';
import { FAILURE, refuse, settle, start } from './manager';

describe('searches of the hub', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

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
});
