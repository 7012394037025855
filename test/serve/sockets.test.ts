/** Real WebSockets to a real engine process: who may connect, and what goes wrong without harm. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WindowServer } from '../../engine/serve/server';
import { openRequest, SCRIPTED, startRequest } from '../process/support';
import { open, testServer, upgradeStatus } from './support';

let server: WindowServer;
beforeAll(async () => {
  server = await testServer({
    engine: { entry: SCRIPTED, stopTimeout: 300 },
    // A window may take its time to say goodbye, so that it always hears why it was dropped.
    limits: { maxMessage: 64 * 1024, maxUnsent: 2 * 2 ** 20, maxClients: 8, closeTimeout: 60_000 },
  });
});
afterAll(() => server.close());

describe('connecting', () => {
  it.each([
    ['/engine', {}],
    ['/engine?token=', {}],
    ['/engine?token=TOKENx', {}],
    ['/engine?token=x&token=TOKEN', {}],
    ['/engine?token=TOKEN', { origin: 'https://evil.example' }],
    ['/engine?token=TOKEN', { origin: 'http://127.0.0.1:1' }],
    ['/engine?token=TOKEN', { origin: 'https://127.0.0.1:PORT' }],
    ['/engine?token=TOKEN', { origin: 'http://127.0.0.1:PORT.evil.example' }],
    ['/engine?token=TOKEN', { origin: 'null' }],
    ['/engine?token=TOKEN', { headers: { host: 'evil.example:PORT' } }],
  ])('is refused to %s %j', async (path, options) => {
    const fill = (text: string) => text.replace('TOKEN', server.token).replace('PORT', String(server.port));
    expect(await upgradeStatus(server.port, fill(path), JSON.parse(fill(JSON.stringify(options))))).toBe(403);
  });

  it('is possible at one path only', async () => {
    expect(await upgradeStatus(server.port, `/?token=${server.token}`)).toBe(404);
  });

  it('is granted to the own page under both names, and to programs that have the token', async () => {
    const path = `/engine?token=${server.token}`;
    for (const origin of [`http://127.0.0.1:${server.port}`, `http://localhost:${server.port}`]) {
      expect(await upgradeStatus(server.port, path, { origin })).toBe(101);
    }
    expect(await upgradeStatus(server.port, path)).toBe(101);
  });

  it('ends at the highest number of clients', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => open(server)));
    expect(await upgradeStatus(server.port, `/engine?token=${server.token}`)).toBe(503);
    for (const { socket } of clients) socket.close();
    await Promise.all(clients.map(({ closed }) => closed));
  });
});

describe('talking', () => {
  it('streams a run to the window that asked for it, and to no other', async () => {
    const [one, two] = await Promise.all([open(server), open(server)]);
    await Promise.all([one.inbox.engine('ready'), two.inbox.engine('ready')]);
    one.say(startRequest(1, 'one', 'tokens 5'));
    two.say(startRequest(1, 'two', 'tokens 2'));
    await Promise.all([one.inbox.end('one'), two.inbox.end('two')]);
    expect(one.inbox.events('one').map(({ type }) => type)).toEqual([
      'run.started',
      ...Array<string>(5).fill('token'),
      'run.done',
    ]);
    expect(one.inbox.events('two')).toEqual([]);
    expect(two.inbox.events('one')).toEqual([]);
    one.socket.close();
    two.socket.close();
  });

  it('refuses what is no request, and goes on', async () => {
    const { socket, inbox, say } = await open(server);
    for (const text of ['', '{', 'null', '[]', '"x"', '['.repeat(30_000) + ']'.repeat(30_000)])
      socket.send(text);
    say({ kind: 'request', id: 3, method: 'run.start', params: { runId: 'x', config: {} } });
    expect(await inbox.answer(3)).toMatchObject({ ok: false, error: { kind: 'input', code: 'bad-request' } });
    say(openRequest(4));
    expect(await inbox.answer(4)).toMatchObject({ ok: true });
    expect(inbox.messages.filter((m) => m.kind === 'response' && m.id === -1)).toHaveLength(6);
    socket.close();
  });

  it('ends at a message that is too long (1009) or binary (1003), for this window alone', async () => {
    const [long, binary, other] = await Promise.all([open(server), open(server), open(server)]);
    long.socket.send(JSON.stringify(openRequest(1, 'x'.repeat(64 * 1024))));
    binary.socket.send(Buffer.from(JSON.stringify(openRequest(1))));
    expect(await long.closed).toMatchObject({ code: 1009 });
    expect(await binary.closed).toMatchObject({ code: 1003 });
    other.say(openRequest(1));
    expect(await other.inbox.answer(1)).toMatchObject({ ok: true });
    other.socket.close();
  });

  it('with a window that does not read drops it before memory fills, and cancels its run', async () => {
    const [slow, other] = await Promise.all([open(server), open(server)]);
    // Below the WebSocket: nothing is read from the connection any more.
    slow.socket.pause();
    slow.say(startRequest(1, 'flood', 'flood 40000'));
    slow.say(startRequest(2, 'after', 'hang'));
    const before = process.memoryUsage().rss;
    slow.closed.then(() => {});
    other.say(openRequest(1));
    expect(await other.inbox.answer(1)).toMatchObject({ ok: true });
    await expect
      .poll(
        async () => {
          const id = (Math.random() * 2 ** 31) | 0;
          other.say(startRequest(id, 'after', 'silent'));
          return await other.inbox.answer(id);
        },
        { timeout: 10_000 },
      )
      .toMatchObject({ ok: true });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 1013, reason: 'the window reads too slowly' });
    expect(slow.inbox.events('flood').length).toBeLessThan(40_000);
    other.socket.close();
  });

  it('holds no more of all windows than it may, in messages that never end, and drops the one with most', async () => {
    const limits = { maxMessage: 2 ** 20, maxHeld: 2 ** 20 };
    const small = await testServer({ limits });
    const [greedy, modest] = await Promise.all([open(small), open(small)]);
    const fragment = 'x'.repeat(2 ** 18);
    const say = (client: typeof greedy, bytes: string) =>
      new Promise((resolve) => client.socket.send(bytes, { fin: false }, resolve));
    await say(modest, fragment);
    for (let i = 0; i < 3; i++) await say(greedy, fragment);
    await say(modest, fragment);
    expect(await greedy.closed).toMatchObject({ code: 1006 });
    modest.socket.send('', { fin: true });
    // Refused as no request, and so heard.
    await modest.inbox.until((m) => m.kind === 'response' && m.id === -1);
    modest.socket.close();
    await small.close();
  });

  it.skipIf(process.platform === 'win32')(
    'is not read from while it floods an engine that is busy, and has every answer once that goes on',
    async () => {
      // Were the flood read all the same, it would be more than may be held.
      const limits = { maxUnread: 2 ** 18, maxHeld: 8 * 2 ** 20 };
      const small = await testServer({ limits });
      const { socket, inbox, say } = await open(small);
      await inbox.engine('ready');
      process.kill(small.engine.pid!, 'SIGSTOP');
      const folder = 'x'.repeat(2 ** 16);
      for (let id = 0; id < 400; id++) say(openRequest(id, folder));
      let waiting = 0;
      // What the system's own buffers take, it takes at once.
      await expect
        .poll(
          () => {
            const [before, now] = [waiting, socket.bufferedAmount];
            waiting = now;
            return now === before;
          },
          { interval: 300 },
        )
        .toBe(true);
      expect(waiting).toBeGreaterThan(2 ** 20);
      expect(socket.readyState).toBe(socket.OPEN);
      process.kill(small.engine.pid!, 'SIGCONT');
      await Promise.all(Array.from({ length: 400 }, (_, id) => inbox.answer(id)));
      socket.close();
      await small.close();
    },
  );

  it('drops a window that gives no sign of life, and no other', async () => {
    const small = await testServer({ engine: { entry: SCRIPTED }, limits: { heartbeat: 100 } });
    const [mute, lively] = await Promise.all([open(small, { autoPong: false }), open(small)]);
    let pings = 0;
    lively.socket.on('ping', () => pings++);
    expect(await mute.closed).toMatchObject({ code: 1006 });
    await expect.poll(() => pings).toBeGreaterThan(3);
    lively.say(openRequest(1));
    expect(await lively.inbox.answer(1)).toMatchObject({ ok: true });
    lively.socket.close();
    await small.close();
  });

  it('survives a connection that breaks off in mid-run, whose run is cancelled', async () => {
    const [gone, other] = await Promise.all([open(server), open(server)]);
    gone.say(startRequest(1, 'broken', 'hang'));
    await gone.inbox.event('broken', 'run.started');
    gone.socket.terminate();
    await expect
      .poll(async () => {
        const id = (Math.random() * 2 ** 31) | 0;
        other.say(startRequest(id, 'broken', 'silent'));
        return await other.inbox.answer(id);
      })
      .toMatchObject({ ok: true });
    other.socket.close();
  });

  it('survives garbage on the wire', async () => {
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
    const hello =
      `GET /engine?token=${server.token} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n` +
      `Upgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\n`;
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(hello));
      socket.once('data', () => socket.write(Buffer.alloc(5000, 0xff)));
      socket.on('close', () => resolve()).on('error', () => {});
    });
    const { socket, inbox, say } = await open(server);
    say(openRequest(1));
    expect(await inbox.answer(1)).toMatchObject({ ok: true });
    socket.close();
  });
});

describe('the engine process', () => {
  it.skipIf(process.platform === 'win32')('that hangs is replaced when a window asks for it', async () => {
    const { socket, inbox, say } = await open(server);
    say(startRequest(1, 'hung', 'tokens 100000'));
    await inbox.event('hung', 'token');
    process.kill(server.engine.pid!, 'SIGSTOP');
    say({ kind: 'request', id: 2, method: 'run.cancel', params: { runId: 'hung' } });
    const from = inbox.messages.length;
    say({ kind: 'restart' });
    expect(await inbox.end('hung')).toMatchObject({ type: 'run.failed', code: 'engine-exited' });
    await inbox.engine('ready', from);
    say(startRequest(3, 'next', 'tokens 1'));
    expect(await inbox.end('next')).toMatchObject({ type: 'run.done' });
    socket.close();
  });

  it('when killed in mid-run: every window is told, the run fails with a way out, the next request restarts it', async () => {
    const [one, two] = await Promise.all([open(server), open(server)]);
    one.say(startRequest(1, 'killed', 'tokens 100000'));
    await one.inbox.event('killed', 'token');
    await two.inbox.engine('ready');
    process.kill(server.engine.pid!, 'SIGKILL');
    expect(await one.inbox.engine('exited')).toMatchObject({ detail: expect.stringContaining('SIGKILL') });
    expect(await two.inbox.engine('exited')).toMatchObject({ detail: expect.stringContaining('SIGKILL') });
    expect(await one.inbox.end('killed')).toMatchObject({
      type: 'run.failed',
      code: 'engine-exited',
      hint: expect.stringMatching(/^Run again/),
    });
    const [fromOne, fromTwo] = [one.inbox.messages.length, two.inbox.messages.length];
    two.say(startRequest(2, 'again', 'tokens 2'));
    expect(await two.inbox.end('again')).toMatchObject({ type: 'run.done' });
    expect(await one.inbox.engine('ready', fromOne)).toEqual({ kind: 'engine', state: 'ready', detail: '' });
    expect(two.inbox.messages[fromTwo]).toEqual({ kind: 'engine', state: 'ready', detail: '' });
    one.socket.close();
    two.socket.close();
  });
});
