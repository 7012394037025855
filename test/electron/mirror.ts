/** A mirror of Electron's releases on the loopback address, with a tiny archive, that misbehaves as it is told to. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** `electron`, a script, and `version`. */
export const ARCHIVE = Buffer.from(
  'UEsDBBQAAAAAAAAAIVDgssjUBwAAAAcAAAAHAAAAdmVyc2lvbnY5OS4wLjBQSwMEFAAAAAAAAAAhUOKGRcMRAAAAEQAAAAgAAABlbGVjdHJv' +
    'biMhL2Jpbi9zaApleGl0IDAKUEsBAhQDFAAAAAAAAAAhUOCyyNQHAAAABwAAAAcAAAAAAAAAAAAAAO2BAAAAAHZlcnNpb25QSwECFAMUAAAA' +
    'AAAAACFQ4oZFwxEAAAARAAAACAAAAAAAAAAAAAAA7YEsAAAAZWxlY3Ryb25QSwUGAAAAAAIAAgBrAAAAYwAAAAAA',
  'base64',
);
export const NAME = 'electron-v99.0.0-linux-x64.zip';

type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  from: number,
  /** What is to be cut, by the number of bytes that have arrived by then. */
  held: Map<number, ServerResponse>,
) => void;

export interface Mirror {
  url: string;
  /** The first byte that each request asked for. */
  asked: number[];
  /** What the next requests get, one after the other; then all is as it should be. */
  next: Answer[];
  /** For `cutAfter`: so many bytes have arrived. */
  arrived(done: number): void;
  close(): Promise<void>;
}

const head = (response: ServerResponse, from: number) => {
  const end = ARCHIVE.length - 1;
  const range = from > 0 && { 'content-range': `bytes ${from}-${end}/${ARCHIVE.length}` };
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': ARCHIVE.length - from, ...range });
};

export const whole: Answer = (_request, response, from) => {
  head(response, from);
  response.end(ARCHIVE.subarray(from));
};

export const refuses =
  (status: number): Answer =>
  (_request, response) => {
    response.writeHead(status).end();
  };

/** `count` bytes, then the line is dead: once the mirror hears that they have arrived, where there are any. */
export const cutAfter =
  (count: number): Answer =>
  (_request, response, from, held) => {
    if (count === 0) return void response.destroy();
    head(response, from);
    response.write(ARCHIVE.subarray(from, from + count));
    held.set(from + count, response);
  };

/** `count` bytes, then nothing. */
export const stallsAfter =
  (count: number): Answer =>
  (_request, response, from) => {
    head(response, from);
    response.write(ARCHIVE.subarray(from, from + count));
  };

export const damaged: Answer = (_request, response, from) => {
  head(response, from);
  response.end(Buffer.alloc(ARCHIVE.length - from, 1));
};

/** As a server does that knows no ranges: all of it, in pieces that come `ms` apart. */
export const slowly =
  (pieces: number, ms: number): Answer =>
  (_request, response) => {
    head(response, 0);
    let sent = 0;
    const timer = setInterval(() => {
      const until = Math.min(ARCHIVE.length, sent + Math.ceil(ARCHIVE.length / pieces));
      response.write(ARCHIVE.subarray(sent, until));
      sent = until;
      if (sent < ARCHIVE.length) return;
      clearInterval(timer);
      response.end();
    }, ms);
    response.on('close', () => clearInterval(timer));
  };

export async function startMirror(): Promise<Mirror> {
  const asked: number[] = [];
  const next: Answer[] = [];
  const held = new Map<number, ServerResponse>();
  const server = createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    asked.push(from);
    if (request.url !== `/v99.0.0/${NAME}`) return refuses(404)(request, response, from, held);
    if (from >= ARCHIVE.length) {
      response.writeHead(416, { 'content-range': `bytes */${ARCHIVE.length}` }).end();
      return;
    }
    (next.shift() ?? whole)(request, response, from, held);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    next,
    arrived: (done) => held.get(done)?.destroy(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A folder as npm leaves the electron package's, with its own install script: where that finds what it requires. */
export function electronPackage(): { folder: string; remove(): void } {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'dist', 'test-electron-'));
  copyFileSync(join(ROOT, 'node_modules', 'electron', 'install.js'), join(folder, 'install.js'));
  writeFileSync(join(folder, 'package.json'), '{ "version": "99.0.0" }');
  const checksum = createHash('sha256').update(ARCHIVE).digest('hex');
  writeFileSync(join(folder, 'checksums.json'), JSON.stringify({ [NAME]: checksum }));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The environment of one download: from `mirror`, into a cache of its own. */
export function downloadEnvironment(mirror: Pick<Mirror, 'url'>): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    DISPLAY: ':0',
    ELECTRON_MIRROR: mirror.url,
    ELECTRON_INSTALL_PLATFORM: 'linux',
    ELECTRON_INSTALL_ARCH: 'x64',
    electron_config_cache: mkdtempSync(join(tmpdir(), 'slot-electron-cache-')),
  };
}
