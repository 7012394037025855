/** The files below a folder of the cache. */
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

const MAX_DEPTH = 5;

/** Paths with `/`, links among them, in order; none where the folder cannot be read. */
export function listTree(folder: string, before = '', depth = 0): string[] {
  return entriesOf(join(folder, before))
    .flatMap((entry) => {
      const path = before === '' ? entry.name : `${before}/${entry.name}`;
      if (!entry.isDirectory()) return [path];
      return depth < MAX_DEPTH ? listTree(folder, path, depth + 1) : [];
    })
    .sort();
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
