/** A stored run's events.jsonl, line by line, so that neither its length nor what it is can cost more than a part of it. */
import type { Stats } from 'node:fs';
import { linesOf } from '../files/lines';
import { readBounded, withFile } from '../files/read';
import type { RunEvent } from '../protocol';
import { readStoredRun } from './run-file';

/** In bytes. At least what an import takes, so that every imported run can be read. */
const MAX_BYTES = 2 ** 28;
const LIMITS = { file: MAX_BYTES, line: 2 ** 26 };

/**
 * Calls `use` with each event that can be read; see `readStoredRun`.
 * @returns of the file as it was before its first line was read
 * @throws EngineError for what is no file, or holds no run; the system's own errors
 */
export function readEvents(path: string, use: (event: RunEvent) => void): Stats {
  return withFile(path, (file, stat) => {
    for (const event of readStoredRun(linesOf(file, LIMITS))) use(event);
    return stat;
  });
}

/** As it was written. */
export function readText(path: string): string {
  return readBounded(path, MAX_BYTES).toString();
}
