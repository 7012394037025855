/** Whether there is room on a disk. */
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import prettyBytes from 'pretty-bytes';
import { failure } from '../protocol';

/** Left free for what else writes to the disk. */
const RESERVE = 32 * 2 ** 20;

/**
 * @param hint what to do about it
 * @throws EngineError `disk-full` where `bytes` more do not fit
 */
export function checkSpace(folder: string, bytes: number, hint: string): void {
  const free = freeSpace(folder);
  if (bytes === 0 || bytes + RESERVE <= free) return;
  throw failure(
    'disk-full',
    `${prettyBytes(bytes)} are needed, and ${prettyBytes(RESERVE)} to spare; ${prettyBytes(free)} are free where ${folder} is`,
    hint,
  );
}

/** Bytes that may be written where a folder is or will be. */
function freeSpace(folder: string): number {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const { bavail, bsize } = statfsSync(at);
  return bavail * bsize;
}
