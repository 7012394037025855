/** One process at a time: a file that only one can create, taken over from an owner that is gone. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { failure } from '../protocol';
import { readBounded } from './read';
import { codeOf, sleep } from './retries';
import { partialOf, remove, writeAll } from './write';

/** What is done under a lock takes milliseconds: who holds one for so long, in milliseconds, is gone or stopped. */
const STALE = 5_000;
const PATIENCE = 15_000;
const WAIT = 5;
const MAX_OWNER = 1024;

const Owner = z.object({ host: z.string(), pid: z.int().min(1) });

/**
 * Blocks until the lock is free.
 * @param path of the lock, beside what it guards
 * @throws EngineError `locked`, and what `work` throws
 */
export function withLock<T>(path: string, work: () => T): T {
  const owner = JSON.stringify({ host: hostname(), pid: process.pid, id: randomUUID() });
  const until = Date.now() + PATIENCE;
  let held = take(path, owner);
  while (held === undefined) {
    if (Date.now() > until)
      throw failure('locked', `${path} is held by another process`, 'Close what else runs SLOT Studio.');
    if (!breakStale(path)) sleep(WAIT * (1 + Math.random()));
    held = take(path, owner);
  }
  try {
    return work();
  } finally {
    // Who was stopped for long may find another's lock in place of its own.
    if (ownerOf(path) === held) remove(path);
  }
}

/** @returns what the lock says then; undefined where another has it */
function take(path: string, owner: string): string | undefined {
  const file = create(path);
  if (file === undefined) return undefined;
  try {
    writeAll(file, Buffer.from(owner));
    return owner;
  } catch {
    // A full disk takes the name alone, and that holds: what is deleted under a lock is what makes room.
    return ownerOf(path);
  } finally {
    closeSync(file);
  }
}

function create(path: string): number | undefined {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const code = codeOf(error);
    // Windows says EPERM of a file that is being deleted.
    if (code === 'EEXIST' || (code === 'EPERM' && process.platform === 'win32')) return undefined;
    throw error;
  }
}

/** @returns whether it is free now, as far as can be told */
function breakStale(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return true;
  const owner = ownerOf(path);
  const isFresh = Math.abs(Date.now() - stat.mtimeMs) < STALE;
  if (isFresh && !isGone(owner)) return false;
  // Of several that find it stale a rename lets one through; it puts back what turns out to be another's.
  const aside = partialOf(path);
  try {
    renameSync(path, aside);
    const taken = ownerOf(aside);
    if (taken !== '' && taken !== owner) take(path, taken);
    remove(aside);
  } catch {
    // Another was faster.
  }
  return true;
}

/** Empty where it is not known: its process may be about to write it. */
function ownerOf(path: string): string {
  try {
    return readBounded(path, MAX_OWNER).toString();
  } catch {
    return '';
  }
}

function isGone(owner: string): boolean {
  try {
    const { host, pid } = Owner.parse(JSON.parse(owner));
    return host === hostname() && !isAlive(pid);
  } catch {
    return false;
  }
}

/** Whether a process of this machine runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
