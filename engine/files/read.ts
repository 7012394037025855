/** Reads files that anything may have been done to: only regular ones, and no more of them than is expected. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { z } from 'zod';
import { badInput } from '../protocol';

const MIB = 2 ** 20;

/** Whether a folder is there, or a link to one. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Calls `use` with the open file and closes it.
 * @throws EngineError `unreadable-file` for a folder, a pipe or a device; the system's own errors
 */
export function withFile<T>(path: string, use: (file: number, stat: Stats) => T): T {
  const file = openFile(path);
  try {
    return use(file, fstatSync(file));
  } finally {
    closeSync(file);
  }
}

/**
 * The caller closes it.
 * @throws as `withFile`
 */
export function openFile(path: string): number {
  // Opening a device may do something, and a pipe that takes the file's place meanwhile would wait for its writer.
  checkRegular(path, statSync(path));
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    checkRegular(path, fstatSync(file));
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/**
 * A file's bytes, a piece at a time, for what is larger than memory. Each piece is a buffer of its own.
 * @throws EngineError `unreadable-file`; the system's own errors
 */
export async function* readPieces(path: string, size = MIB): AsyncGenerator<Buffer> {
  const file = await openRegular(path);
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** As `withFile` opens it; the caller closes it. */
export async function openRegular(path: string): Promise<FileHandle> {
  checkRegular(path, statSync(path));
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    checkRegular(path, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * @param most bytes
 * @throws EngineError `unreadable-file`, `oversized-file`; the system's own errors
 */
export function readBounded(path: string, most: number): Buffer<ArrayBuffer> {
  return withFile(path, (file, { size }) => {
    if (size > most) {
      const [found, allowed] = [Math.ceil(size / MIB), Math.ceil(most / MIB)];
      throw badInput('oversized-file', `${path} has ${found} MiB; at most ${allowed} MiB are read`);
    }
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readAt(file, bytes, 0));
  });
}

/** Fills `into` from `position` on. @returns how many bytes there were */
export function readAt(file: number, into: Uint8Array, position: number): number {
  let filled = 0;
  while (filled < into.length) {
    const count = readSync(file, into, filled, into.length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** Of a link itself; undefined where nothing is there, or it cannot be told. */
export function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function checkRegular(path: string, stat: Stats): void {
  if (!stat.isFile())
    throw badInput('unreadable-file', `${path} is not a file`, 'Put the file itself there.');
}

/** Our own small files: undefined where one is not there, cannot be read or is not what it was. */
export function readJson<T>(path: string, most: number, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readBounded(path, most).toString()));
  } catch {
    return undefined;
  }
}
