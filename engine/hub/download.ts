/** One file of a repository into the cache's blobs: resumed where it was cut, verified, then renamed. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { remove, rename } from '../files/write';
import type { TransientError } from '../http/failures';
import { EngineError, failure } from '../protocol';
import type { HubConnection } from './connection';
import { diskError } from './disk';
import { cut, PATIENT, retrying } from './failures';
import { claimPartial, forgetPartial, releasePartial } from './partial';
import { fileUrl, type Repo, type RepoFile } from './repo';

interface DownloadProgress {
  /** Bytes of the file that are on disk. */
  onBytes(done: number): void;
  onWait(why: TransientError, delay: number): void;
}

/**
 * Two processes may do this for the same blob: each writes a file of its own, and both put the same content in place.
 * @param blob the path of the blob: named by the content's hash, which is what verifies it
 * @throws EngineError; what had arrived stays for the next attempt, unless it was wrong
 */
export async function downloadBlob(
  hub: HubConnection,
  repo: Repo,
  file: RepoFile,
  blob: string,
  progress: DownloadProgress,
  signal: AbortSignal,
): Promise<void> {
  let partial: string;
  try {
    partial = claimPartial(blob);
  } catch (error) {
    throw diskError(error, blob);
  }
  try {
    const resumed = await fetchAll(hub, repo, file, partial, progress, signal);
    if (!(await isWhole(partial, file, signal))) {
      remove(partial);
      // A resumed file may have been damaged by the interruption; one that came in one go was sent like this.
      if (!resumed) throw wrongContent(file);
      await fetchAll(hub, repo, file, partial, progress, signal);
      if (!(await isWhole(partial, file, signal))) throw wrongContent(file);
    }
    rename(partial, blob);
    forgetPartial(partial);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'wrong-content') {
      remove(partial);
      progress.onBytes(0);
    }
    releasePartial(partial);
    signal.throwIfAborted();
    throw diskError(error, blob);
  }
}

/** @returns whether it went on from what was there */
async function fetchAll(
  hub: HubConnection,
  repo: Repo,
  file: RepoFile,
  partial: string,
  { onBytes, onWait }: DownloadProgress,
  signal: AbortSignal,
): Promise<boolean> {
  const handle = await open(partial, existsSync(partial) ? 'r+' : 'wx+');
  try {
    let { size } = await handle.stat();
    if (size > file.bytes) {
      await handle.truncate(0);
      size = 0;
    }
    const resumed = size > 0;
    let before = size;
    const attempt = async () => {
      before = size;
      if (size === file.bytes) return;
      await receive(hub, repo, file, handle, size, signal, (now) => {
        size = now;
        onBytes(now);
      });
    };
    onBytes(size);
    await retrying(attempt, { attempts: PATIENT, signal, onWait, hasMoved: () => size > before });
    await handle.sync();
    return resumed;
  } finally {
    await handle.close();
  }
}

/** One request for the bytes from `start` on, written as they come. */
async function receive(
  hub: HubConnection,
  repo: Repo,
  file: RepoFile,
  handle: FileHandle,
  start: number,
  signal: AbortSignal,
  onSize: (size: number) => void,
): Promise<void> {
  const { status, headers, body } = await hub.open(fileUrl(hub, repo, file.path), {
    headers: { 'accept-encoding': 'identity', ...(start > 0 ? { range: `bytes=${start}-` } : {}) },
    signal,
    onHubHeaders: (headers) => checkIdentity(repo, file, headers),
  });
  // A server without ranges begins anew.
  let at = status === 206 ? start : 0;
  let isRight = status !== 206 || isRange(headers.get('content-range'), file, start);
  onSize(at);
  for await (const chunk of chunksOf(body, signal)) {
    isRight &&= at + chunk.length <= file.bytes;
    if (!isRight) break;
    // A disk that is nearly full may take a part only.
    for (let written = 0; written < chunk.length; onSize(at)) {
      const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, at);
      written += bytesWritten;
      at += bytesWritten;
    }
  }
  if (!isRight) throw wrongContent(file);
  if (at < file.bytes) throw cut(new Error(`${at} of ${file.bytes} bytes`));
}

/** The hub repeats what it is about to send; a difference shows before a large download. */
function checkIdentity({ commit }: Repo, file: RepoFile, headers: Headers): void {
  const etag = (headers.get('x-linked-etag') ?? '').replace(/^W\/|"/g, '');
  const size = headers.get('x-linked-size');
  const sent = headers.get('x-repo-commit');
  const differs =
    (etag !== '' && etag !== file.blob) ||
    (size !== null && Number(size) !== file.bytes) ||
    (sent !== null && sent !== commit);
  if (differs) throw wrongContent(file);
}

function isRange(header: string | null, file: RepoFile, asked: number): boolean {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header ?? '') ?? [];
  return Number(start) === asked && (total === '*' || Number(total) === file.bytes);
}

/** The answer's bytes; leaving the loop over them cancels the request. */
async function* chunksOf(body: AsyncIterable<Uint8Array> | null, signal: AbortSignal) {
  try {
    yield* body ?? [];
  } catch (error) {
    signal.throwIfAborted();
    throw cut(error);
  }
}

/** LFS files are named by their sha256, others by git's hash of a blob. */
async function isWhole(path: string, { bytes, blob }: RepoFile, signal: AbortSignal): Promise<boolean> {
  const hash = createHash(blob.length === 64 ? 'sha256' : 'sha1');
  if (blob.length === 40) hash.update(`blob ${bytes}\0`);
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { signal });
  return hash.digest('hex') === blob;
}

function wrongContent({ path }: RepoFile): EngineError {
  return failure(
    'wrong-content',
    `${path} does not arrive as the hub lists it (size or checksum differ); nothing of it was kept`,
    'Pull again. If it happens again, a server or a proxy on the way is at fault.',
  );
}
