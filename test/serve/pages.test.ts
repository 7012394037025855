/** Real HTTP requests with forged headers, tokens and paths. */
import { mkdtempSync } from 'node:fs';
import { connect, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serve } from '../../engine/serve/serve';
import type { WindowServer } from '../../engine/serve/server';
import { startServer } from '../../engine/serve/server';
import { SCRIPTED } from '../process/support';
import { builtWindow, enter, get, open, raw, testServer, upgradeStatus } from './support';

let server: WindowServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

describe('the page', () => {
  it('opens with the token, uncached, under a policy that lets nothing foreign in', async () => {
    const { status, headers, body } = await enter(server.port, `/?token=${server.token}`);
    expect(status).toBe(200);
    expect(body).toContain('SLOT Studio');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
        `font-src 'self'; connect-src 'self' ws://127.0.0.1:${server.port} ws://localhost:${server.port}; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  it('has a token of at least 128 bits, another one each time', async () => {
    const other = await testServer();
    await other.close();
    expect(server.token).toMatch(/^[\w-]{22,}$/);
    expect(other.token).not.toBe(server.token);
  });

  it.each(['/', '/index.html', '/%69ndex.html', '/?token=', '/?token=x', '/?Token=TOKEN', '/?token=TOKENx'])(
    'is refused at %s',
    async (path) => {
      const answer = await get(server.port, path.replace('TOKEN', server.token));
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain('<title>');
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    },
  );

  it('is refused when the token comes twice', async () => {
    expect((await get(server.port, `/?token=x&token=${server.token}`)).status).toBe(403);
  });

  it('has the token in it, and not in any address that stays in a history', async () => {
    const first = await get(server.port, `/?token=${server.token}`);
    expect(first).toMatchObject({ status: 303, headers: { location: '/', 'cache-control': 'no-store' } });
    const [entry = ''] = first.headers['set-cookie'] ?? [];
    expect(entry).toMatch(/; Path=\/; HttpOnly; Max-Age=30; SameSite=Lax$/);
    expect(entry).not.toContain(server.token);
    const cookie = entry.split(';')[0];
    const page = await get(server.port, '/', { cookie });
    expect(page.body).toContain(`<meta name="slot-studio-token" content="${server.token}">`);
    // For one use: a server on another port may have seen the cookie, too.
    expect((await get(server.port, '/', { cookie })).status).toBe(403);
    expect(await upgradeStatus(server.port, '/engine', { headers: { cookie: cookie ?? '' } })).toBe(403);
  });

  it('reloads without the token by a cookie that does not open the engine', async () => {
    const { headers } = await enter(server.port, `/?token=${server.token}`);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(cookie).not.toContain(server.token);
    const [pair = ''] = cookie.split(';');
    const again = await get(server.port, '/', { cookie: `other=1; ${pair}` });
    expect(again.status).toBe(200);
    expect(again.body).not.toContain(server.token);
    expect((await get(server.port, '/', { cookie: `${pair}x` })).status).toBe(403);
    const [, key = ''] = pair.split('=');
    expect((await get(server.port, `/?token=${key}`)).status).toBe(403);
  });

  it('can be opened once by a ticket', async () => {
    const { url, isGone } = server.ticket();
    const path = url.slice(`http://127.0.0.1:${server.port}`.length);
    expect(path).not.toContain(server.token);
    const peek = await get(server.port, path, { host: `evil.example:${server.port}` });
    expect(peek.status).toBe(403);
    expect((await enter(server.port, path)).body).toContain(server.token);
    await isGone;
    expect((await get(server.port, path)).status).toBe(403);
  });

  it.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.0.0.1.evil.example:PORT',
    '[::1]:PORT',
  ])('is refused for the host %j', async (host) => {
    const headers = { host: host.replace('PORT', String(server.port)) };
    const answer = await get(server.port, `/?token=${server.token}`, headers);
    expect([400, 403]).toContain(answer.status);
    expect(answer.body).not.toContain('<title>');
    expect((await get(server.port, '/icon.svg', headers)).body).not.toContain('<svg');
  });

  it('is served to localhost too, and to a HEAD request without its body', async () => {
    const headers = { host: `LOCALHOST:${server.port}` };
    const answer = await get(server.port, `/?token=${server.token}`, headers, 'HEAD');
    expect(answer).toMatchObject({ status: 303, body: '' });
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('is not for %s', async (method) => {
    expect((await get(server.port, `/?token=${server.token}`, {}, method)).status).toBe(405);
  });
});

describe('files', () => {
  it('have their type, and are cached for good only where their name tells the content', async () => {
    expect(await get(server.port, '/assets/index-abc123.js')).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
      },
    });
    expect(await get(server.port, '/icon.svg?x=1')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' },
    });
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/%252e%252e/secret.txt',
    '/..%c0%afsecret.txt',
    '/....//secret.txt',
    '//secret.txt',
    '/.hidden.txt',
    '/link.txt',
    '/link.txt%00.js',
    '/C:%5csecret.txt',
    '/%',
    '/assets',
    '/assets/',
    '/constructor',
    'secret.txt',
    'http://127.0.0.1/../secret.txt',
    '*',
  ])('outside the folder, or none at all, are not found: %s', async (path) => {
    const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`;
    const answer = await raw(server.port, request);
    expect(answer).toMatch(/^HTTP\/1\.1 (404|400) /);
    expect(answer).not.toContain('SECRET');
  });

  it('need a host, even from an old client', async () => {
    expect(await raw(server.port, 'GET /icon.svg HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await raw(server.port, 'GET /icon.svg HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('starting', () => {
  it('says what to do when the window is not built', async () => {
    await expect(startServer({ root: mkdtempSync(join(tmpdir(), 'slot-empty-')) })).rejects.toMatchObject({
      kind: 'input',
      code: 'window-not-built',
      hint: expect.stringContaining('npm run build'),
    });
  });

  it('says what to do when the port is taken', async () => {
    await expect(testServer({ port: server.port })).rejects.toMatchObject({
      code: 'port-in-use',
      hint: expect.stringContaining('--port'),
    });
  });

  it('listens on the loopback address only', async () => {
    // All of 127/8 is this machine: a server on every address would answer here.
    await expect(fetch(`http://127.0.0.2:${server.port}/icon.svg`)).rejects.toThrow();
  });
});

describe('a connection without a token', () => {
  // Without limits of its own Node looks every 30 s.
  it('is cut where its request does not become whole', async () => {
    const beginnings = ['', 'GET / HT', `GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nX: `];
    const answers = await Promise.all(beginnings.map((bytes) => raw(server.port, bytes)));
    for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('gives way to newer ones, and never to a window', async () => {
    const small = await testServer({ maxVisitors: 4 });
    const window = await open(small);
    const oldest = connect(small.port, '127.0.0.1');
    const cut = new Promise((resolve) => oldest.on('close', resolve));
    await new Promise((resolve) => oldest.once('connect', resolve));
    const others = Array.from({ length: 4 }, () => connect(small.port, '127.0.0.1'));
    await cut;
    expect((await get(small.port, '/icon.svg')).status).toBe(200);
    window.say({ kind: 'request', id: 1, method: 'model.open', params: {} });
    expect(await window.inbox.answer(1)).toMatchObject({ ok: true });
    for (const socket of others) socket.destroy();
    await small.close();
  });
});

describe('a server that fails later', () => {
  it('says so, and `serve` ends with it', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    const served = serve({
      root: builtWindow(),
      engine: { entry: SCRIPTED },
      open: false,
      announce: () => 'ready',
    });
    const refused = expect(served).rejects.toMatchObject({
      kind: 'failure',
      code: 'server-failed',
      message: 'the server failed: EIO',
    });
    await vi.waitFor(() => expect(listen.mock.contexts).toHaveLength(1));
    const [http] = listen.mock.contexts as Server[];
    await vi.waitFor(() => expect(http?.listening).toBe(true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    http?.emit('error', new Error('EIO'));
    await refused;
    listen.mockRestore();
  });
});
