/** Which model is opened when, down to the messages. */

import { describe, expect, it, vi } from 'vitest';
import { preparingWords } from '../../../../renderer/run/preparing';
import { openingTime, withOpeningTime } from '../../../../renderer/state/opening-times';
import { MODEL } from '../../models-examples';
import { STARTED } from '../../run-events';
import { start, started } from './control';

describe('a control', () => {
  it('opens the model once the engine is ready, and not by itself again', async () => {
    const { transport, store, methods } = start();
    transport.open();
    transport.receive({ kind: 'engine', state: 'ready', detail: '' });
    expect(methods()).toEqual(['model.open']);
    transport.answer(MODEL);
    await vi.waitFor(() => expect(store.getState().model).toMatchObject({ info: { id: 'starter' } }));
    transport.receive({ kind: 'engine', state: 'exited', detail: 'killed' });
    transport.receive({ kind: 'engine', state: 'ready', detail: '' });
    expect(methods()).toEqual(['model.open']);
  });

  it('shows how far a model is prepared, stops that, and forgets it with the engine', async () => {
    const { transport, store, control } = start();
    transport.open();
    const preparing = {
      model: 'tiny',
      dtype: 'safetensors_q8',
      phase: 'preparing',
      done: 30,
      total: 120,
      secondsLeft: 9,
    };
    transport.receive({ kind: 'preparing', preparing });
    expect(preparingWords(store.getState().preparing!)).toBe(
      'Preparing tiny safetensors_q8 once · 25 % of 120 B · about 9 s left',
    );
    const [asked] = transport.sent;
    void control.stopOpening();
    expect(transport.cancelled).toEqual([asked!.id]);
    await vi.waitFor(() => expect(store.getState().model.state).toBe('closed'));
    void control.openModel();
    transport.receive({ kind: 'preparing', preparing });
    transport.answer(MODEL);
    await vi.waitFor(() => expect(store.getState().model.state).toBe('open'));
    // The next time nothing has to be prepared.
    expect(store.getState().openingTimes).toEqual({});
    transport.receive({ kind: 'engine', state: 'exited', detail: 'killed' });
    expect(store.getState().preparing).toBeNull();
  });

  it('goes back to the model that was open before', async () => {
    const { transport, store, control } = await started();
    const before = store.getState().modelChoice;
    store.setState({ modelChoice: { ...before, dtype: 'safetensors_q8' } });
    void control.openModel();
    const asked = transport.sent.at(-1);
    expect(asked).toMatchObject({ method: 'model.open', params: { dtype: 'safetensors_q8' } });
    void control.stopOpening();
    expect(transport.cancelled).toEqual([asked!.id]);
    expect(store.getState().modelChoice).toEqual(before);
    expect(transport.sent.at(-1)).toMatchObject({ method: 'model.open', params: { dtype: null } });
    transport.answer(MODEL);
    await vi.waitFor(() => expect(store.getState().model.state).toBe('open'));
  });

  it('remembers how long a choice of model took to open, and nothing of one that was open already', async () => {
    const { transport, store, control } = start();
    transport.open();
    transport.answer(MODEL);
    await vi.waitFor(() => expect(store.getState().model.state).toBe('open'));
    const { openingTimes, modelChoice } = store.getState();
    // The test's clock goes on by a second each time it is read.
    expect(openingTime(openingTimes, modelChoice)).toBe(1000);
    expect(openingTime(openingTimes, { ...modelChoice, memorySaver: true })).toBeNull();
    expect(withOpeningTime(openingTimes, modelChoice, 4)).toBe(openingTimes);
    control.close();
  });

  it('gives up an opening when it is cancelled, and opens it again when asked to', async () => {
    const { transport, store, control, methods } = start();
    transport.open();
    expect(store.getState().model.state).toBe('opening');
    await control.cancel();
    await vi.waitFor(() => expect(store.getState().model.state).toBe('closed'));
    expect(store.getState().model).toEqual({ state: 'closed' });
    expect(transport.cancelled).toEqual([1]);
    void control.openModel();
    transport.answer(MODEL);
    await vi.waitFor(() => expect(store.getState().model.state).toBe('open'));
    expect(methods()).toEqual(['model.open', 'model.open']);
  });

  it('keeps showing the open model while another opens, and why one did not open when the engine ends', async () => {
    const { transport, store, control } = start();
    transport.open();
    transport.answer(MODEL);
    await vi.waitFor(() => expect(store.getState().model).toEqual({ state: 'open', info: MODEL }));
    store.setState({ modelChoice: { ...store.getState().modelChoice, folder: '/other' } });
    const opening = control.openModel();
    expect(store.getState().model).toMatchObject({ state: 'opening', before: MODEL });
    const error = { kind: 'input', code: 'no-model', message: 'there is none', hint: '' };
    transport.receive({ kind: 'response', id: transport.sent.at(-1)?.id, ok: false, error });
    await opening;
    expect(store.getState().model).toEqual({ state: 'failed', failure: error });
    transport.receive({ kind: 'engine', state: 'exited', detail: 'killed' });
    expect(store.getState().model).toEqual({ state: 'failed', failure: error });
  });

  it('opens the model that was chosen last, and asks once for one choice', async () => {
    const { transport, store, control } = start();
    transport.open();
    const first = transport.sent.at(-1);
    void control.openModel();
    expect(transport.sent).toHaveLength(1);
    store.setState({ modelChoice: { ...store.getState().modelChoice, folder: '/other' } });
    const second = control.openModel();
    expect(transport.cancelled).toEqual([first?.id]);
    expect(transport.sent.at(-1)).toMatchObject({ params: { folder: '/other' } });
    // Too late to count.
    transport.answer({ ...MODEL, id: 'first' }, first);
    await Promise.resolve();
    expect(store.getState()).toMatchObject({ model: { state: 'opening', before: null } });
    transport.answer({ ...MODEL, id: 'other' });
    await second;
    expect(store.getState()).toMatchObject({ model: { state: 'open', info: { id: 'other' } } });
  });

  it('gives up the opening with a run that waits for it, and not with one that has begun', async () => {
    const { transport, control, send } = start();
    transport.open();
    void control.run();
    transport.answer({});
    void control.cancel();
    expect(transport.cancelled).toEqual([1]);
    await send({ type: 'run.cancelled' });

    const begun = start();
    begun.transport.open();
    void begun.control.run();
    begun.transport.answer({});
    await begun.send(STARTED);
    void begun.control.cancel();
    expect(begun.transport.cancelled).toEqual([]);
  });

  it('leaves a model closed whose opening hung', async () => {
    const { transport, store, control, methods } = start();
    transport.open();
    expect(methods()).toEqual(['model.open']);
    await control.restartEngine();
    transport.receive({ kind: 'engine', state: 'exited', detail: 'The engine was restarted.' });
    transport.receive({ kind: 'engine', state: 'ready', detail: '' });
    await vi.waitFor(() => expect(store.getState().model.state).not.toBe('opening'));
    expect(methods()).toEqual(['model.open']);
  });

  it('leaves it closed, too, where the engine had ended of itself meanwhile', async () => {
    const { transport, store, control, methods } = start();
    transport.open();
    transport.receive({ kind: 'engine', state: 'exited', detail: 'It ran out of memory.' });
    transport.receive({ kind: 'engine', state: 'exited', detail: 'It could not start.' });
    await vi.waitFor(() => expect(store.getState().model.state).not.toBe('opening'));
    await control.restartEngine();
    transport.receive({ kind: 'engine', state: 'ready', detail: '' });
    expect(methods()).toEqual(['model.open']);
  });

  it('opens the model again that was open when the engine ended, and that is closed until then', async () => {
    const { transport, store, control, methods } = await started();
    transport.receive({ kind: 'engine', state: 'exited', detail: 'It ran out of memory.' });
    expect(store.getState().model).toEqual({ state: 'closed' });
    await control.restartEngine();
    const before = methods().length;
    transport.receive({ kind: 'engine', state: 'ready', detail: '' });
    expect(methods().slice(before)).toEqual(['model.open']);
  });
});
