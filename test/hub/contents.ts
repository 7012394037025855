/** What a hub-shaped server sends: the files of a folder with their hashes, whole, in part, or as trouble has it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { filesBelow } from './cached';

export interface Asked {
  readonly side: 'hub' | 'cdn';
  /** Path and query. */
  readonly url: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  /** Bytes of content sent in answer. */
  sent: number;
  /** Whether the client left before it had its answer. */
  left: boolean;
}

/** What goes wrong with one request. */
export interface Trouble {
  /** This answer in place of the right one. */
  readonly status?: number;
  /** Never answer. */
  readonly hang?: boolean;
  readonly headers?: Record<string, string>;
  /** Cut the connection after this many bytes of content. */
  readonly cutAfter?: number;
  /** Send nothing more after this many bytes, and keep the connection. */
  readonly stallAfter?: number;
  /** Answer a request for a range with the whole. */
  readonly ignoreRange?: boolean;
  /** Send content without an end, until the client leaves. */
  readonly endless?: boolean;
  /** The content in place of the right one. */
  readonly content?: Uint8Array;
}

export interface Content {
  readonly bytes: Uint8Array;
  readonly oid: string;
  readonly sha256: string;
  readonly isLfs: boolean;
}

/** By path. @param lfsFrom files of this size and more are LFS files */
export function contentsOf(folder: string, lfsFrom: number): Map<string, Content> {
  const contents = new Map<string, Content>();
  for (const path of filesBelow(folder)) {
    const bytes = readFileSync(join(folder, path));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    contents.set(path, { bytes, oid, sha256, isLfs: bytes.length >= lfsFrom });
  }
  return contents;
}

export function sendJson(response: ServerResponse, value: unknown): ServerResponse {
  return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Content, whole or in the range that was asked for, up to where the trouble begins. */
export function send(
  response: ServerResponse,
  asked: Asked,
  right: Uint8Array,
  etag: string,
  trouble: Trouble,
): ServerResponse {
  if (trouble.endless) return sendForever(response, asked, trouble.headers);
  const bytes = trouble.content ?? right;
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec((!trouble.ignoreRange && asked.range) || '') ?? [];
  const start = Number(first ?? 0);
  const end = last ? Math.min(Number(last) + 1, bytes.length) : bytes.length;
  if (first !== undefined) response.setHeader('content-range', `bytes ${start}-${end - 1}/${bytes.length}`);
  response.writeHead(first === undefined ? 200 : 206, {
    etag: `"${etag}"`,
    'accept-ranges': 'bytes',
    'content-length': String(end - start),
    ...trouble.headers,
  });
  const stop = trouble.cutAfter ?? trouble.stallAfter ?? Number.POSITIVE_INFINITY;
  const part = bytes.subarray(start, Math.min(end, start + stop));
  asked.sent += part.length;
  response.write(part, () => {
    if (trouble.cutAfter !== undefined) response.destroy();
    else if (trouble.stallAfter === undefined) response.end();
  });
  return response;
}

function sendForever(
  response: ServerResponse,
  asked: Asked,
  headers?: Record<string, string>,
): ServerResponse {
  const chunk = Buffer.alloc(2 ** 16);
  const more = () => {
    if (response.destroyed) return;
    asked.sent += chunk.length;
    response.write(chunk, () => setImmediate(more));
  };
  response.writeHead(headers?.['content-range'] ? 206 : 200, { etag: '"of-the-cdn"', ...headers });
  more();
  return response;
}
