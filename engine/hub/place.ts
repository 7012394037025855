/** Puts downloaded blobs under their names: links in a snapshot, then the branch or tag that names it. */
import { copyFileSync, linkSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createFolder, partialOf, remove, rename, writeWhole } from '../files/write';
import type { HubCache } from './cache';
import type { Repo, RepoFile } from './repo';

/** The cache is shared with the hub's own tools: the umask decides who may read it. */
const AS_OTHERS = 0o666;
export const FOLDER_AS_OTHERS = 0o777;

/** Whether this file need not be downloaded: its blob is there, or what was made of it where no links can be. */
export function isHere(cache: HubCache, repo: Repo, file: RepoFile): boolean {
  return [cache.blob(repo.id, file.blob), snapshotPath(cache, repo, file)].some(
    (path) => statSync(path, { throwIfNoEntry: false })?.size === file.bytes,
  );
}

/** @param files the ONNX file first: it is placed last, so that a model appears when all of it is there */
export function place(cache: HubCache, repo: Repo, files: readonly RepoFile[], revision: string): void {
  const moved = new Map<string, string>();
  for (const file of files.toReversed()) placeFile(cache, repo, file, moved);
  if (revision === repo.commit) return;
  const ref = join(cache.repo(repo.id), 'refs', ...revision.split('/'));
  createFolder(dirname(ref), FOLDER_AS_OTHERS);
  writeWhole(ref, repo.commit, AS_OTHERS);
}

/** @param moved where blobs have gone that no link could be made to */
function placeFile(cache: HubCache, repo: Repo, file: RepoFile, moved: Map<string, string>): void {
  const path = snapshotPath(cache, repo, file);
  if (statSync(path, { throwIfNoEntry: false })?.size === file.bytes) return;
  const blob = cache.blob(repo.id, file.blob);
  createFolder(dirname(path), FOLDER_AS_OTHERS);
  replace(path, (temporary) => {
    for (const link of [linkRelatively, linkSync]) {
      try {
        return link(blob, temporary);
      } catch {
        // Links need a right on Windows, and some file systems have none.
      }
    }
    // As the hub's own tools do, so that nothing is there twice.
    const twin = moved.get(blob);
    if (twin !== undefined) return copyFileSync(twin, temporary);
    rename(blob, temporary);
    moved.set(blob, path);
  });
}

function linkRelatively(blob: string, path: string): void {
  symlinkSync(relative(dirname(path), blob), path);
}

/** Replaces by a rename: there is always a whole file at `path`, the old one or the new one. */
function replace(path: string, write: (temporary: string) => void): void {
  const temporary = partialOf(path);
  try {
    write(temporary);
    rename(temporary, path);
  } catch (error) {
    remove(temporary);
    throw error;
  }
}

function snapshotPath(cache: HubCache, { id, commit }: Repo, { path }: RepoFile): string {
  return join(cache.repo(id), 'snapshots', commit, ...path.split('/'));
}
