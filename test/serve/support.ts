/** A window's server with the scripted engine and a stand-in for the built window; raw requests and real sockets. */
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientOptions, WebSocket } from 'ws';
import type { ServerMessage } from '../../engine/protocol';
import { type ServerOptions, startServer, type WindowServer } from '../../engine/serve/server';
import { Inbox, SCRIPTED } from '../process/support';

/** A folder like dist/renderer, beside a file that nobody may read. */
export function builtWindow(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slot-window-'));
  const root = join(folder, 'renderer');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'SECRET');
  writeFileSync(join(root, '.hidden.txt'), 'SECRET');
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>SLOT Studio</title>');
  writeFileSync(join(root, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(root, 'assets', 'index-abc123.js'), 'export {};');
  symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'));
  return root;
}

export function testServer(options: ServerOptions = {}): Promise<WindowServer> {
  return startServer({ root: builtWindow(), engine: { entry: SCRIPTED }, ...options });
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request with exactly these headers and this target, which `fetch` would correct. */
export function get(port: number, path: string, headers = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers, agent: false };
    request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    })
      .on('error', reject)
      .end();
  });
}

/** As a browser does: follows the redirect, with the cookie that it brings. */
export async function enter(port: number, path: string): Promise<Answer> {
  const { status, headers } = await get(port, path);
  if (status !== 303) throw new Error(`${path} answered ${status}`);
  const [cookie = ''] = headers['set-cookie'] ?? [];
  return get(port, headers.location ?? '', { cookie: cookie.split(';')[0] });
}

/** Writes the bytes as they are and returns all that comes back. */
export function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    socket.on('end', () => resolve(answer)).on('error', reject);
  });
}

export interface Client {
  socket: WebSocket;
  inbox: Inbox;
  say(message: unknown): void;
  closed: Promise<{ code: number; reason: string }>;
}

export function open(
  server: Pick<WindowServer, 'port' | 'token'>,
  options: ClientOptions = {},
): Promise<Client> {
  const address = `ws://127.0.0.1:${server.port}/engine?token=${server.token}`;
  const origin = `http://127.0.0.1:${server.port}`;
  const socket = new WebSocket(address, { origin, ...options });
  const inbox = new Inbox();
  socket.on('message', (data) => inbox.receive(JSON.parse(String(data)) as ServerMessage));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const say = (message: unknown) => socket.send(JSON.stringify(message));
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ socket, inbox, say, closed }));
    socket.on('error', reject);
  });
}

/** The HTTP status with which the server refuses a WebSocket; 101 if it does not. */
export function upgradeStatus(port: number, path: string, options: ClientOptions = {}): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      response.resume();
    });
    socket.on('open', () => {
      resolve(101);
      socket.close();
    });
    socket.on('error', () => {});
  });
}
