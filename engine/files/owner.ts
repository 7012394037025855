/** Names of processes, as parts of file names: whose a file is, and whether its owner is gone. */
import { hostname } from 'node:os';
import { isAlive } from './lock';

/** An owner on another machine counts as gone when its file has not changed for this long, in milliseconds. */
const SILENCE = 10 * 60_000;

const HOST = hostname().replace(/[^\w-]/g, '_');
const mine = new Set<string>();
let count = 0;

/** A name that no other owner has, of this process or of another. */
export function newOwner(): string {
  const owner = `${HOST}~${process.pid}~${++count}`;
  mine.add(owner);
  return owner;
}

/** What it owned is anybody's. */
export function dropOwner(owner: string): void {
  mine.delete(owner);
}

/**
 * @param modified when what it owns last changed, as a file's mtimeMs
 * @returns false as well for what is no owner's name
 */
export function isGone(owner: string, modified: number): boolean {
  const [host, pid, claim] = owner.split('~');
  if (claim === undefined) return false;
  if (host !== HOST) return Date.now() - modified > SILENCE;
  return Number(pid) === process.pid ? !mine.has(owner) : !isAlive(Number(pid));
}
