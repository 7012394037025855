/** Opening the model manager, its cards and folders: the requests, and what the answers change. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { modelFailureOf } from '../../../../renderer/state/model-state';
import { SEARCH_DELAY_MS } from '../../../../renderer/state/models/hub-search';
import { CARD, ENTRY, HUB, MODEL, PULL } from '../../models-examples';
import { FAILURE, READY, refuse, settle, start } from './manager';

describe('the manager’s actions', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

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

  it('add what is handed to the app before the user’s eyes', () => {
    const { store, models, asked } = start();
    models.showTab('hub');
    void models.addHanded('/models/a.gguf');
    expect(store.getState()).toMatchObject({ dialog: 'models', models: { tab: 'here' } });
    expect(asked('models.addFolder')).toMatchObject([{ params: { folder: '/models/a.gguf' } }]);
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
