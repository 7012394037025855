/** Real HTTP requests with forged headers, tokens and paths. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WindowServer } from '../../engine/serve/server';
import { startServer } from '../../engine/serve/server';
import { get, raw, testServer } from './support';

let server: WindowServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

describe('the page', () => {
  it('opens with the token, uncached, under a policy that lets nothing foreign in', async () => {
    const { status, headers, body } = await get(server.port, `/?token=${server.token}`);
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

  it('reloads without the token by a cookie that does not open the engine', async () => {
    const { headers } = await get(server.port, `/?token=${server.token}`);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(server.token);
    const [pair = ''] = cookie.split(';');
    expect((await get(server.port, '/', { cookie: `other=1; ${pair}` })).status).toBe(200);
    expect((await get(server.port, '/', { cookie: `${pair}x` })).status).toBe(403);
    const [, key = ''] = pair.split('=');
    expect((await get(server.port, `/?token=${key}`)).status).toBe(403);
  });

  it('can be opened once by a ticket', async () => {
    const path = server.ticketUrl.slice(`http://127.0.0.1:${server.port}`.length);
    expect(path).not.toContain(server.token);
    expect(await get(server.port, path)).toMatchObject({
      status: 302,
      headers: { location: `/?token=${server.token}` },
    });
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
    expect(answer).toMatchObject({ status: 200, body: '' });
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
