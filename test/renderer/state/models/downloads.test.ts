/** Downloads, prepared artefacts and deletions of the model manager. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HUB, PULL } from '../../models-examples';
import { FAILURE, READY, refuse, settle, start } from './manager';

describe('downloads', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

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

  it('keep downloads where they were cut as the engine ends', () => {
    const { store, transport } = start();
    store.setState({ engine: READY });
    transport.receive({ kind: 'pull', pull: PULL });
    store.setState({ engine: { ...READY, state: 'exited' } });
    expect(store.getState().models.pulls).toMatchObject([{ state: 'paused', bytesPerSecond: null }]);
  });
});
