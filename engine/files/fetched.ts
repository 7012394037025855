/** What stands in a file's place where the file itself was never fetched, or is gone. */
import { existsSync, readlinkSync } from 'node:fs';
import { badInput } from '../protocol';
import { readAt, statOf, withFile } from './read';

/** What git leaves of a large file where Git LFS is not installed. */
const POINTER = 'version https://git-lfs.github.com/spec/';

/** @throws EngineError `missing-file`; nothing for a file that cannot be read: whoever reads it tells */
export function checkFetched(path: string): void {
  if (existsSync(path)) {
    checkNoPointer(startOf(path), path);
    return;
  }
  const isLink = statOf(path)?.isSymbolicLink() ?? false;
  throw badInput(
    'missing-file',
    isLink ? `${path} is a link to ${readlinkSync(path)}, which is missing` : `${path} is missing`,
    'Get the model again, with all its files.',
  );
}

/** @param text that a file begins with @param path for messages @throws EngineError `missing-file` */
export function checkNoPointer(text: string, path: string): void {
  if (!text.startsWith(POINTER)) return;
  throw badInput(
    'missing-file',
    `${path} is a pointer of Git LFS: the file itself was not downloaded`,
    'Run git lfs pull in its folder, or download the file from the hub.',
  );
}

function startOf(path: string): string {
  const start = Buffer.alloc(POINTER.length);
  try {
    withFile(path, (file) => readAt(file, start, 0));
  } catch {}
  return start.toString('latin1');
}
