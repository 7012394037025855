/** Runs, and an engine that hangs or ends, down to the messages. */

import { describe, expect, it, vi } from 'vitest';
import { RunId } from '../../../../engine/protocol';
import { createEngineClient } from '../../../../renderer/engine/engine-client';
import { startClock } from '../../../../renderer/run/progress';
import { createEngineControl } from '../../../../renderer/state/engine-control';
import { shownRun } from '../../../../renderer/state/shown-run';
import { createAppStore } from '../../../../renderer/state/store';
import { FakeTransport } from '../../fake-transport';
import { COMPLETE_RUN, RUN_ID, STARTED, slotStep } from '../../run-events';
import { start, started } from './control';

describe('a control', () => {
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
