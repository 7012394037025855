/** The client against an engine that answers, fails, vanishes or lies. */
import { describe, expect, it, vi } from 'vitest';
import { EngineError, type RunEvent } from '../../../engine/protocol';
import { createEngineClient } from '../../../renderer/engine/engine-client';
import { FakeTransport } from '../fake-transport';
import { RUN_ID, STARTED } from '../run-events';

function connect() {
  const transport = new FakeTransport();
  const client = createEngineClient(transport);
  const events = vi.fn<(runId: string, event: RunEvent) => void>();
  const broken = vi.fn<(problem: string) => void>();
  const states: string[] = [];
  client.onEvent(events);
  client.onBrokenMessage(broken);
  client.onEngineState((state) => states.push(state.state));
  return { transport, client, events, broken, states };
}

const CANCEL = { runId: RUN_ID };

describe('requests', () => {
  it('resolve with the answer that carries their id', async () => {
    const { transport, client } = connect();
    const first = client.request('run.cancel', CANCEL);
    const search = client.request('shift.search', { runId: RUN_ID, lane: 'slot', search: 'x' });
    transport.answer({ total: 1, tokens: [{ id: 3, token: 'x', shifts: [0.5] }] }, transport.sent[1]);
    transport.answer({}, transport.sent[0]);
    await expect(first).resolves.toEqual({});
    await expect(search).resolves.toMatchObject({ total: 1 });
  });

  it('reject with the engine error', async () => {
    const { transport, client } = connect();
    const asked = client.request('model.open', { folder: '/none' });
    const error = { kind: 'input', code: 'no-folder', message: 'There is no folder.', hint: 'Name another.' };
    transport.receive({ kind: 'response', id: 1, ok: false, error });
    const thrown = await asked.catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(EngineError);
    expect(thrown).toMatchObject(error);
  });

  it('reject an answer of a wrong form', async () => {
    const { transport, client } = connect();
    const asked = client.request('shift.search', { runId: RUN_ID, lane: 'slot', search: 'x' });
    transport.answer({ total: 'many' });
    await expect(asked).rejects.toMatchObject({ code: 'bad-answer' });
  });

  it('reject when there is no connection, when it drops, and when the engine exits', async () => {
    const { transport, client, states } = connect();
    transport.isOpen = false;
    await expect(client.request('run.cancel', CANCEL)).rejects.toMatchObject({ code: 'connection-lost' });
    transport.open();
    const dropped = client.request('run.cancel', CANCEL);
    transport.drop('network');
    await expect(dropped).rejects.toMatchObject({ code: 'connection-lost' });
    transport.open();
    const exited = client.request('run.cancel', CANCEL);
    transport.receive({ kind: 'engine', state: 'exited', detail: 'out of memory' });
    await expect(exited).rejects.toMatchObject({ code: 'engine-exited', message: /out of memory/ });
    expect(states).toEqual(['connecting', 'ready', 'lost', 'ready', 'exited']);
  });
});

describe('a request with a signal', () => {
  it('is given up at once when that is aborted, the engine is told, and a late answer is of no use', async () => {
    const { transport, client, broken } = connect();
    const stop = new AbortController();
    const asked = client.request('models.search', { query: 'x' }, stop.signal);
    const other = client.request('run.cancel', CANCEL, stop.signal);
    transport.answer({}, transport.sent[1]);
    await other;
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    expect(transport.cancelled).toEqual([1]);
    transport.answer({ models: [] }, transport.sent[0]);
    expect(broken).not.toHaveBeenCalled();
    await expect(client.request('run.cancel', CANCEL, stop.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(transport.sent).toHaveLength(2);
  });

  it('is given up where there is no connection to say so', async () => {
    const { transport, client } = connect();
    const stop = new AbortController();
    const asked = client.request('models.search', { query: 'x' }, stop.signal);
    transport.isOpen = false;
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('hostile messages', () => {
  it.each([
    ['nothing', undefined],
    ['text', 'hello'],
    ['null', null],
    ['an unknown kind', { kind: 'eval', code: '1' }],
    ['an answer without id', { kind: 'response', ok: true, result: {} }],
    ['an event of an unknown type', { kind: 'event', runId: RUN_ID, event: { type: 'run.exploded' } }],
    ['an event with a wrong field', { kind: 'event', runId: RUN_ID, event: { ...STARTED, v: 99 } }],
    [
      'a token with text for a number',
      { kind: 'event', runId: RUN_ID, event: { type: 'token', index: '0' } },
    ],
    ['an unknown engine state', { kind: 'engine', state: 'on fire', detail: '' }],
  ])('%s is told and dropped', (_name, message) => {
    const { transport, events, broken, states } = connect();
    transport.receive(message);
    expect(broken).toHaveBeenCalledOnce();
    expect(events).not.toHaveBeenCalled();
    expect(states).toEqual(['connecting']);
  });

  it('an answer to no request is dropped', () => {
    const { transport, broken } = connect();
    transport.receive({ kind: 'response', id: 99, ok: true, result: {} });
    expect(broken).not.toHaveBeenCalled();
  });

  it('do not stop good ones', () => {
    const { transport, events } = connect();
    transport.receive({ kind: 'event', runId: RUN_ID });
    transport.receive({ kind: 'event', runId: RUN_ID, event: STARTED });
    expect(events).toHaveBeenCalledExactlyOnceWith(RUN_ID, STARTED);
  });
});
