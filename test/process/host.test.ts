import { beforeEach, describe, expect, it } from 'vitest';
import type { Query } from '../../engine/api/engine';
import { EngineHost, NO_REQUEST_ID } from '../../engine/process/host';
import { type ParsedParams, RunEvent, type ServerMessage } from '../../engine/protocol';
import { ScriptedEngine } from './fixtures/scripted-engine';

class Port {
  readonly received: ServerMessage[] = [];
  #callback: (message: unknown) => void = () => {};
  #waiting: { until: (message: ServerMessage) => boolean; resolve: (message: ServerMessage) => void }[] = [];

  postMessage(message: ServerMessage) {
    if (message.kind === 'event') RunEvent.parse(message.event);
    this.received.push(message);
    for (const { until, resolve } of this.#waiting) if (until(message)) resolve(message);
  }
  onMessage(callback: (message: unknown) => void) {
    this.#callback = callback;
  }
  say(message: unknown) {
    this.#callback(message);
  }
  until(until: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    const seen = this.received.find(until);
    return seen ? Promise.resolve(seen) : new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }
  answer(id: number) {
    return this.until((message) => message.kind === 'response' && message.id === id);
  }
  events(runId: string): string[] {
    return this.received.flatMap((m) => (m.kind === 'event' && m.runId === runId ? [m.event.type] : []));
  }
}

const start = (id: number, runId: string, text: string) => ({
  kind: 'request',
  id,
  method: 'run.start',
  params: { runId, config: { prompt: { kind: 'raw', text }, lanes: [{ name: 'baseline', steps: 0 }] } },
});
const ends = (runId: string) => (m: ServerMessage) =>
  m.kind === 'event' && m.runId === runId && /^run\.(done|failed|cancelled)$/.test(m.event.type);

let host: EngineHost;
let port: Port;
beforeEach(() => {
  host = new EngineHost(new ScriptedEngine());
  port = new Port();
  host.attach(port);
});

describe('requests', () => {
  const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
  it.each([
    ['nothing', undefined, NO_REQUEST_ID],
    ['null', null, NO_REQUEST_ID],
    ['a string', 'run.start', NO_REQUEST_ID],
    ['an array', [1, 2], NO_REQUEST_ID],
    ['deep nesting', deep, NO_REQUEST_ID],
    [
      'an id that is no integer',
      { kind: 'request', id: 1.5, method: 'model.open', params: {} },
      NO_REQUEST_ID,
    ],
    ['an unknown method', { kind: 'request', id: 7, method: 'constructor', params: {} }, 7],
    ['a method of Object', { kind: 'request', id: 7, method: '__proto__', params: {} }, 7],
    ['an extra field', { kind: 'request', id: 7, method: 'model.open', params: {}, admin: true }, 7],
    ['a wrong kind', { kind: 'event', id: 7, method: 'model.open', params: {} }, 7],
    ['params of a wrong type', { kind: 'request', id: 7, method: 'model.open', params: 'x' }, 7],
    ['params missing', { kind: 'request', id: 7, method: 'run.start' }, 7],
    [
      'an unknown param',
      { kind: 'request', id: 7, method: 'model.open', params: JSON.parse('{"__proto__":{},"x":1}') },
      7,
    ],
    ['an empty run id', start(7, '', 'tokens 1'), 7],
    ['a folder that is a number', { kind: 'request', id: 7, method: 'model.open', params: { folder: 3 } }, 7],
  ])('%s is refused as bad input', async (_, message, id) => {
    port.say(message);
    const answer = await port.answer(id);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'input', code: 'bad-request' } });
    expect(port.received).toHaveLength(1);
  });

  it('names the field that is wrong', async () => {
    const message = start(1, 'a', 'tokens 1');
    port.say({
      ...message,
      params: { runId: 'a', config: { ...message.params.config, lanes: [{ name: 'x', steps: -1 }] } },
    });
    expect(await port.answer(1)).toMatchObject({
      error: { message: expect.stringMatching(/^run\.start: config\.lanes\.0\.steps: /) },
    });
  });

  it('passes an EngineError on, and only the first line of any other', async () => {
    port.say({ kind: 'request', id: 1, method: 'model.open', params: { folder: 'missing' } });
    port.say({ kind: 'request', id: 2, method: 'model.open', params: { folder: 'broken' } });
    expect(await port.answer(1)).toMatchObject({
      error: { kind: 'input', code: 'model-missing', hint: expect.stringContaining('Choose') },
    });
    expect(await port.answer(2)).toMatchObject({ error: { kind: 'failure', message: 'first line' } });
    expect(JSON.stringify(port.received)).not.toContain('secret');
  });
});

describe('a request that is cancelled', () => {
  const open = (id: number) => ({
    kind: 'request',
    id,
    method: 'model.open',
    params: { folder: 'waits' },
  });

  it('is answered with that, and the others go on', async () => {
    port.say(open(1));
    port.say(open(2));
    port.say({ kind: 'cancel', id: 1 });
    expect(await port.answer(1)).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    port.say({ kind: 'request', id: 3, method: 'model.open', params: { folder: null } });
    await port.answer(3);
    expect(port.received).toHaveLength(2);
    port.say({ kind: 'cancel', id: 2 });
    expect(await port.answer(2)).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  });

  it('is not one of another client, nor one that was answered', async () => {
    const other = new Port();
    host.attach(other);
    port.say(open(1));
    other.say({ kind: 'cancel', id: 1 });
    other.say({ kind: 'cancel', id: 'all' });
    expect(await other.answer(NO_REQUEST_ID)).toMatchObject({ error: { code: 'bad-request' } });
    port.say({ kind: 'request', id: 2, method: 'model.open', params: { folder: null } });
    expect(await port.answer(2)).toMatchObject({ ok: true });
    port.say({ kind: 'cancel', id: 2 });
    port.say({ kind: 'cancel', id: 1 });
    await port.answer(1);
    expect(port.received).toHaveLength(2);
    expect(other.received).toHaveLength(1);
  });

  it('stops when its client leaves', async () => {
    const asked: AbortSignal[] = [];
    class Listening extends ScriptedEngine {
      override async query<M extends Query>(method: M, params: ParsedParams<M>, signal: AbortSignal) {
        asked.push(signal);
        return super.query(method, params, signal);
      }
    }
    const detach = new EngineHost(new Listening()).attach(port);
    port.say(open(1));
    expect(asked.map(({ aborted }) => aborted)).toEqual([false]);
    detach();
    expect(asked.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

describe('runs', () => {
  it('answers run.start before the first event and sends nothing after the last', async () => {
    port.say(start(1, 'a', 'tokens 2'));
    await port.until(ends('a'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(port.received[0]).toEqual({ kind: 'response', id: 1, ok: true, result: {} });
    expect(port.events('a')).toEqual(['run.started', 'token', 'token', 'run.done']);
  });

  it.each(['silent', 'throw'])('a run that ends wrongly (%s) fails instead of hanging', async (script) => {
    port.say(start(1, 'a', script));
    expect(await port.until(ends('a'))).toMatchObject({ event: { type: 'run.failed', code: 'internal' } });
  });

  it('refuses an id in use and accepts it again afterwards', async () => {
    port.say(start(1, 'a', 'hang'));
    port.say(start(2, 'a', 'tokens 1'));
    expect(await port.answer(2)).toMatchObject({ ok: false, error: { code: 'run-id-taken' } });
    port.say({ kind: 'request', id: 3, method: 'run.cancel', params: { runId: 'a' } });
    expect(await port.until(ends('a'))).toMatchObject({ event: { type: 'run.cancelled' } });
    port.say(start(4, 'a', 'silent'));
    expect(await port.answer(4)).toMatchObject({ ok: true });
  });

  it('refuses the hundred and first run of a client', async () => {
    for (let id = 0; id <= 100; id++) port.say(start(id, `run-${id}`, 'hang'));
    expect(await port.answer(100)).toMatchObject({ ok: false, error: { code: 'too-many-runs' } });
  });
});

describe('several clients', () => {
  it('each sees its own runs and cannot cancel those of others', async () => {
    const other = new Port();
    host.attach(other);
    port.say(start(1, 'mine', 'tokens 20'));
    other.say(start(1, 'theirs', 'tokens 5'));
    other.say({ kind: 'request', id: 2, method: 'run.cancel', params: { runId: 'mine' } });
    await Promise.all([port.until(ends('mine')), other.until(ends('theirs'))]);
    expect(await other.answer(2)).toMatchObject({ ok: true });
    expect(port.events('mine').at(-1)).toBe('run.done');
    expect(port.events('theirs')).toEqual([]);
    expect(other.events('mine')).toEqual([]);
  });

  it('cancels the runs of a client that leaves and frees their ids', async () => {
    const leaving = new Port();
    const detach = host.attach(leaving);
    leaving.say(start(1, 'a', 'hang'));
    await leaving.until((m) => m.kind === 'event');
    detach();
    await expect
      .poll(async () => {
        port.received.length = 0;
        port.say(start(1, 'a', 'silent'));
        return port.answer(1);
      })
      .toMatchObject({ ok: true });
    expect(leaving.events('a')).toEqual(['run.started']);
  });
});
