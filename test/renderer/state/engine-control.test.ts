/** What the user does, down to the messages, over a transport whose other end is the test. */

import { describe, expect, it, vi } from 'vitest';
import { type RunEvent, RunId } from '../../../engine/protocol';
import { createEngineClient } from '../../../renderer/engine/engine-client';
import { preparingWords } from '../../../renderer/run/preparing';
import { startClock } from '../../../renderer/run/progress';
import { createEngineControl } from '../../../renderer/state/engine-control';
import { openingTime, withOpeningTime } from '../../../renderer/state/opening-times';
import { shownRun } from '../../../renderer/state/shown-run';
import { createAppStore } from '../../../renderer/state/store';
import { FakeTransport } from '../fake-transport';
import { MODEL } from '../models-examples';
import { COMPLETE_RUN, RUN_ID, STARTED, slotStep } from '../run-events';

function start(restartEngine = () => Promise.resolve()) {
  const transport = new FakeTransport();
  let time = 0;
  const store = createAppStore({ prompt: 'Two and two?' });
  const control = createEngineControl(createEngineClient(transport), store, {
    restartEngine,
    newRunId: () => RUN_ID,
    // Events are handed over at once: at the next frame, after a long rest.
    now: () => (time += 1000),
    schedule: (callback) => {
      queueMicrotask(callback);
      return () => {};
    },
  });
  const send = async (...events: RunEvent[]) => {
    for (const event of events) transport.receive({ kind: 'event', runId: RUN_ID, event });
    await Promise.resolve();
  };
  const methods = () => transport.sent.map((request) => request.method);
  return { transport, store, control, send, methods };
}

async function started(restartEngine?: () => Promise<void>) {
  const all = start(restartEngine);
  all.transport.open();
  all.transport.answer(MODEL);
  await vi.waitFor(() => expect(all.store.getState().model.state).toBe('open'));
  void all.control.run();
  all.transport.answer({});
  return all;
}

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

  it('runs the draft and shows the events', async () => {
    const { transport, store, send } = await started();
    expect(transport.sent.at(-1)).toMatchObject({
      method: 'run.start',
      params: { runId: RUN_ID, config: { lanes: [{ name: 'baseline' }, { name: 'slot', steps: 5 }] } },
    });
    expect(shownRun(store.getState()).phase).toBe('requested');
    await send(...COMPLETE_RUN);
    expect(shownRun(store.getState()).phase).toBe('done');
  });

  it('leaves other runs out', async () => {
    const { transport, store } = await started();
    transport.receive({ kind: 'event', runId: 'another', event: STARTED });
    await Promise.resolve();
    expect(shownRun(store.getState()).phase).toBe('requested');
  });

  it('does not start with a bad draft or during a run', async () => {
    const { store, control, methods } = await started();
    await control.run();
    expect(methods().filter((method) => method === 'run.start')).toHaveLength(1);
    const fresh = start();
    fresh.store.setState({ prompt: ' ' });
    await fresh.control.run();
    expect(fresh.methods()).toEqual([]);
    expect(shownRun(store.getState()).phase).toBe('requested');
  });

  it('cancels, and is cancelling until the run has ended', async () => {
    const { transport, store, control, send } = await started();
    await send(STARTED);
    void control.cancel();
    expect(transport.sent.at(-1)).toMatchObject({ method: 'run.cancel', params: { runId: RUN_ID } });
    expect(store.getState().cancelling).toBe(true);
    transport.answer({});
    await send({ type: 'run.cancelled' });
    expect(store.getState().cancelling).toBe(false);
    expect(shownRun(store.getState()).phase).toBe('cancelled');
  });

  it('shows why a run was not taken up, and keeps what was typed', async () => {
    const { transport, store, control } = start();
    void control.run();
    const error = {
      kind: 'input',
      code: 'empty-prompt',
      message: 'The prompt is empty.',
      hint: 'Write one.',
    };
    transport.receive({ kind: 'response', id: 1, ok: false, error });
    await vi.waitFor(() => expect(shownRun(store.getState()).phase).toBe('failed'));
    expect(shownRun(store.getState()).failure).toEqual(error);
    expect(store.getState().prompt).toBe('Two and two?');
  });

  it('ends a run whose engine or connection is gone, with what had arrived', async () => {
    const exited = await started();
    await exited.send(STARTED, slotStep(0, 3));
    exited.transport.receive({ kind: 'engine', state: 'exited', detail: 'killed by SIGKILL' });
    expect(shownRun(exited.store.getState())).toMatchObject({
      phase: 'failed',
      failure: { code: 'engine-exited', message: 'The engine stopped during the run.' },
    });
    expect(shownRun(exited.store.getState()).lanes[1]?.steps).toHaveLength(1);

    const lost = await started();
    lost.transport.drop('');
    expect(shownRun(lost.store.getState()).failure?.code).toBe('connection-lost');
  });

  it('restarts a hung engine: the run ends with what had arrived, what was typed stays, the model opens again', async () => {
    const restart = vi.fn(() => Promise.resolve());
    const { transport, store, control, send, methods } = await started(restart);
    await send(STARTED, slotStep(0, 3));
    store.setState({ followUp: 'And three?', patience: 4 });
    transport.receive({ kind: 'engine', state: 'silent', forMs: 4000 });
    expect(shownRun(store.getState()).phase).toBe('optimising');
    expect(store.getState().engine.state).toBe('ready');
    await control.restartEngine();
    expect(restart).toHaveBeenCalledOnce();
    expect(store.getState().restarting).toBe(true);
    transport.receive({ kind: 'engine', state: 'exited', detail: 'The engine was restarted.' });
    expect(store.getState()).toMatchObject({
      restarting: true,
      patience: 1,
      followUp: 'And three?',
      prompt: 'Two and two?',
    });
    const run = shownRun(store.getState());
    expect(run).toMatchObject({ phase: 'failed', failure: { code: 'engine-exited' } });
    expect(run.lanes[1]?.steps).toHaveLength(1);
    const before = methods().length;
    transport.receive({ kind: 'engine', state: 'ready', detail: '' });
    expect(store.getState().restarting).toBe(false);
    expect(methods().slice(before)).toEqual(['model.open']);
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

  it('says so where no new engine starts', async () => {
    const { transport, store, control } = await started();
    await control.restartEngine();
    transport.receive({ kind: 'engine', state: 'exited', detail: 'The engine was restarted.' });
    transport.receive({ kind: 'engine', state: 'exited', detail: 'The engine process could not start.' });
    expect(store.getState()).toMatchObject({
      restarting: false,
      engine: { state: 'exited', detail: 'The engine process could not start.' },
    });
  });

  it('says why a new engine could not be asked for', async () => {
    const { store, control } = await started(() => Promise.reject(new Error('no new process')));
    await control.restartEngine();
    expect(store.getState()).toMatchObject({
      restarting: false,
      requestFailure: { message: 'no new process' },
    });
  });

  it('says what it could not understand, and why a run could not be cancelled', async () => {
    const { transport, store, control, send } = await started();
    transport.receive({ kind: 'nonsense' });
    expect(store.getState().brokenMessage).toMatch(/^message: \S/);
    await send(STARTED);
    const cancelled = control.cancel();
    const error = { kind: 'failure', code: 'deaf', message: 'no answer', hint: '' };
    transport.receive({ kind: 'response', id: transport.sent.at(-1)?.id, ok: false, error });
    await cancelled;
    expect(store.getState()).toMatchObject({ cancelling: false, requestFailure: error });
  });

  it('gives every run an id and a clock of its own', () => {
    const ids = [1, 2].map(() => {
      const transport = new FakeTransport();
      const store = createAppStore({ prompt: 'Two and two?' });
      const restartEngine = () => Promise.resolve();
      const control = createEngineControl(createEngineClient(transport), store, { restartEngine });
      void control.run();
      control.close();
      const { shown } = store.getState();
      expect(shown.kind === 'own' && shown.clock).toEqual(startClock(expect.any(Number) as number));
      return (transport.sent[0]!.params as { runId: string }).runId;
    });
    expect(new Set(ids).size).toBe(2);
    expect(RunId.safeParse(ids[0]).success).toBe(true);
  });

  it('hears nothing once it is closed', () => {
    const { transport, store, control } = start();
    control.close();
    const before = store.getState();
    transport.receive({ kind: 'nonsense' });
    transport.open();
    expect(store.getState()).toBe(before);
    expect(transport.isOpen).toBe(true);
  });
});
