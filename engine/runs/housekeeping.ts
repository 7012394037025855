/** Clears the data folder of what nobody needs. Another process may do the same, and nothing here stops a start. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { statOf } from '../files/read';
import { makePrivate, PARTIAL, remove } from '../files/write';
import { holdsNothing } from './run-folder';
import type { Vocabularies } from './vocabularies';

/** Long enough to undo a deletion after a restart, short enough that the disk does not fill. */
const TRASH_MS = 24 * 3600 * 1000;
/** Writing takes seconds: what is older was left by a process that was killed. */
const PARTIAL_MS = 3600 * 1000;

export interface RunFolders {
  /** The folder that holds the others. */
  readonly data: string;
  readonly runs: string;
  readonly trash: string;
  readonly vocabularies: string;
}

/** Never throws. */
export function tidy({ data, runs, trash, vocabularies }: RunFolders, kept: Vocabularies): void {
  for (const folder of [runs, trash, vocabularies]) attempt(() => makePrivate(folder));
  for (const path of entriesOf(trash)) if (age(path) > TRASH_MS) attempt(() => remove(path));
  const folders = [data, runs, vocabularies, ...entriesOf(runs)];
  for (const path of folders.flatMap(entriesOf)) {
    if (path.endsWith(PARTIAL) && age(path) > PARTIAL_MS) attempt(() => remove(path));
  }
  for (const path of entriesOf(runs)) {
    if (age(path) > PARTIAL_MS && isFolder(path) && holdsNothing(path)) attempt(() => remove(path));
  }
  attempt(() => kept.collect(() => [...entriesOf(runs), ...entriesOf(trash)]));
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The next start tries again.
  }
}

/** The paths of what a folder holds; none where it is no folder. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** Not a link to one. */
function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() === true;
}

/** In milliseconds, of a link itself. */
function age(path: string): number {
  const stat = statOf(path);
  return stat ? Date.now() - stat.mtimeMs : 0;
}
