/** The only place that renames and deletes: a file is there whole or not at all, also after a loss of power. */
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isFolder } from './read';
import { withRetries } from './retries';

/** Prompts are nobody else's to read. */
const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;
/** What a process that was killed leaves behind ends so. */
export const PARTIAL = '.partial';

/** A name beside `path` that no other process takes. */
export function partialOf(path: string): string {
  return `${path}.${process.pid}-${randomUUID()}${PARTIAL}`;
}

/** @param data its parts, one after the other @param mode less the process's umask */
export function writeWhole(
  path: string,
  data: string | readonly Uint8Array[],
  mode: number = PRIVATE_FILE,
): void {
  const partial = partialOf(path);
  try {
    writeSynced(partial, typeof data === 'string' ? [Buffer.from(data)] : data, mode);
    rename(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Where a new file is to be; read by nobody else. */
export function createFile(path: string): number {
  return openSync(path, 'ax', PRIVATE_FILE);
}

/**
 * And the folders above it. Node's own recursion never ends where a file system says ENOENT within a folder that is
 * there, as /proc does.
 * @param mode less the process's umask
 */
export function createFolder(path: string, mode: number = PRIVATE_FOLDER): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path && !isFolder(parent)) createFolder(parent, mode);
  try {
    mkdirSync(path, mode);
  } catch (error) {
    // Another process was faster.
    if (!isFolder(path)) throw error;
  }
}

/** A full disk takes a part of what it is given. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

/** What stands at `to` stands until `from` takes its place. */
export function rename(from: string, to: string): void {
  withRetries(() => renameSync(from, to));
  syncFolder(dirname(to));
}

/** A file, a link (not what it leads to) or a folder with all that is in it; nothing where there is none. */
export function remove(path: string): void {
  withRetries(() => rmSync(path, { recursive: true, force: true }));
}

/** Makes a new name in a folder last, on the systems that let a folder be synced. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Some network file systems refuse; the name is there all the same.
  }
}

function writeSynced(path: string, parts: readonly Uint8Array[], mode: number): void {
  const file = openSync(path, 'wx', mode);
  try {
    for (const part of parts) writeAll(file, part);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** As `writeWhole`, without holding the process up: for files of many megabytes. */
export async function writeLarge(path: string, parts: Iterable<Uint8Array>): Promise<void> {
  const partial = partialOf(path);
  try {
    const file = await open(partial, 'wx', PRIVATE_FILE);
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    rename(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Takes from others what an older version, or a copy, let them read. */
export function makePrivate(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (process.platform === 'win32' || !stat || (stat.mode & 0o077) === 0) return;
  chmodSync(path, stat.mode & 0o700);
}
