/** Deletes from the cache: a model, one revision or one dtype of it. Content that something else uses stays. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { remove } from '../files/write';
import { CONFIG_FILES } from '../model/inspect';
import { badInput } from '../protocol';
import type { HubCache } from './cache';
import { deletionError } from './disk';
import { identity } from './file-identity';

/** What of a model is meant; null: all. */
export interface Part {
  readonly dtype: string | null;
  readonly revision: string | null;
}

/** @throws EngineError `no-dtype` for one that is made of another's files, which would go in its place */
export function checkOwnFiles(cache: HubCache, id: string, { dtype, revision }: Part): void {
  const sources = cache.allSnapshots(id, revision).flatMap(({ folder }) => cache.sources(folder));
  const whole = sources.find((source) => source.dtype === dtype)?.roundedFrom;
  if (whole === undefined) return;
  throw badInput(
    'no-dtype',
    `${id} has no files of ${dtype}: that is made of its ${whole}`,
    `Delete what was prepared, in Models or with models prepared; to delete the model, name ${whole}.`,
  );
}

/** The files that would go with it, by identity. */
export function filesOf(cache: HubCache, id: string, part: Part): string[] {
  const isAll = part.dtype === null && part.revision === null;
  const paths = isAll
    ? filesBelow(cache.repo(id))
    : snapshotsOf(cache, id, part).flatMap(({ files }) => files);
  return paths.map(identity);
}

/**
 * @param downloaded hashes of content that was downloaded for it and not placed, to go too
 * @returns bytes freed
 * @throws EngineError `in-use` for a file that another program has open, where the system keeps such files
 */
export function removeFrom(cache: HubCache, id: string, part: Part, downloaded: readonly string[]): number {
  const before = cache.size(id);
  try {
    if (part.dtype === null && part.revision === null) remove(cache.repo(id));
    else removePart(cache, id, part, downloaded);
  } catch (error) {
    throw deletionError(error, cache.repo(id));
  }
  return before - cache.size(id);
}

/** @returns for each snapshot the files to delete */
function snapshotsOf(cache: HubCache, id: string, { dtype, revision }: Part) {
  return cache.allSnapshots(id, revision).map(({ commit, folder }) => {
    const files = filesBelow(folder);
    const weights = dtype === null ? files : cache.weights(folder, dtype);
    // Configs without weights are of no use.
    const isWhole = weights.length > 0 && files.every((path) => weights.includes(path) || isConfig(path));
    return { commit, folder, isWhole, files: isWhole ? files : weights };
  });
}

function removePart(cache: HubCache, id: string, part: Part, downloaded: readonly string[]): void {
  const hashes = new Set(downloaded);
  const contents = new Set<string>();
  for (const { commit, folder, isWhole, files } of snapshotsOf(cache, id, part)) {
    for (const path of files) {
      hashes.add(basename(realpathSync(path)));
      contents.add(identity(path));
      remove(path);
    }
    if (!isWhole) continue;
    remove(folder);
    for (const ref of filesBelow(join(cache.repo(id), 'refs'))) {
      if (readFileSync(ref, 'utf8').trim() === commit) remove(ref);
    }
  }

  const used = new Set(cache.allSnapshots(id).flatMap(({ folder }) => filesBelow(folder).map(identity)));
  const blobs = filesBelow(join(cache.repo(id), 'blobs'));
  // With what is there of downloads that are not whole: `<hash>.….incomplete`.
  const isUnused = (path: string) =>
    !used.has(identity(path)) &&
    (contents.has(identity(path)) || hashes.has(basename(path).split('.', 1)[0]!));
  const unused = blobs.filter(isUnused);
  for (const path of unused) remove(path);
  if (unused.length === blobs.length && used.size === 0) remove(cache.repo(id));
}

/** Links that lead nowhere left out. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => existsSync(path) && statSync(path).isFile());
}

function isConfig(path: string): boolean {
  return (CONFIG_FILES as readonly string[]).includes(basename(path));
}
