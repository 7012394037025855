/** What has been prepared on this machine: listed, and deleted. */
import { join } from 'node:path';
import { badInput, failure } from '../../protocol';
import { stateOf } from './identity';
import { notStored } from './not-stored';
import { PreparedFolder } from './prepared-folder';
import type { Index, SourceFile } from './prepared-index';
import type { Scheme } from './scheme';

export interface PreparedEntry {
  readonly key: string;
  /** Null where its index is damaged. */
  readonly made: { readonly name: string; readonly scheme: Scheme; readonly created: string } | null;
  /** The first file that it was made of. */
  readonly source: string | null;
  readonly bytes: number;
  readonly isUsed: boolean;
  /** Why it will not be used again, as it stands; null: it will. */
  readonly problem: string | null;
}

/** SLOT_STUDIO_CACHE, or a folder beside the runs. */
export function preparedFolder(dataFolder: string): string {
  return process.env.SLOT_STUDIO_CACHE || join(dataFolder, 'prepared');
}

/** The newest first. @param path see `preparedFolder` */
export function listPrepared(path: string): PreparedEntry[] {
  const folder = new PreparedFolder(path);
  folder.sweep();
  return folder
    .keys()
    .map((key) => entryOf(folder, key))
    .sort((a, b) => (b.made?.created ?? '').localeCompare(a.made?.created ?? ''));
}

/**
 * @returns how many bytes that frees
 * @throws EngineError `not-prepared`, `in-use`, `store`
 */
export function removePrepared(path: string, key: string): number {
  const folder = new PreparedFolder(path);
  if (!folder.keys().includes(key))
    throw badInput('not-prepared', `no prepared model is called ${key}`, 'List them to see their names.');
  const bytes = folder.size(key);
  if (isRemoved(folder, key)) return bytes;
  throw failure(
    'in-use',
    'this prepared model is open',
    'Open another model, or let the run that uses it end; then delete it.',
  );
}

function isRemoved(folder: PreparedFolder, key: string): boolean {
  try {
    return folder.remove(key);
  } catch (error) {
    throw notStored(error, 'the change');
  }
}

function entryOf(folder: PreparedFolder, key: string): PreparedEntry {
  const index = folder.index(key);
  return {
    key,
    made: index ? { name: index.name, scheme: index.scheme, created: index.created } : null,
    source: index?.sources[0]?.path ?? null,
    bytes: folder.size(key),
    isUsed: folder.isUsed(key),
    problem: index ? sourceProblem(index) : 'its index is damaged',
  };
}

function sourceProblem({ sources }: Index): string | null {
  for (const source of sources) {
    const now = stateOrNone(source.path);
    if (!now) return `${source.path} is no longer there`;
    if (now.size !== source.size || now.modified !== source.modified) return `${source.path} has changed`;
  }
  return null;
}

function stateOrNone(path: string): SourceFile | undefined {
  try {
    return stateOf(path);
  } catch {
    return undefined;
  }
}
