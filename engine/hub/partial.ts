/**
 * Downloads that are not whole, beside the blobs they become: `<blob>.<owner>.incomplete`. The owner's name keeps
 * two processes from writing into one file; what a dead owner left is taken over by renaming, which only one can.
 */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { dropOwner, isGone, newOwner } from '../files/owner';
import { createFolder, rename } from '../files/write';
import { FOLDER_AS_OTHERS } from './place';

const SUFFIX = '.incomplete';
/** In the owner's place: a paused download, which any process may go on with. */
const RELEASED = 'paused';

/** @returns the path to append to: an earlier download's file, or one that is not there yet */
export function claimPartial(blob: string): string {
  createFolder(dirname(blob), FOLDER_AS_OTHERS);
  const own = `${blob}.${newOwner()}${SUFFIX}`;
  for (const path of freePartials(blob)) {
    try {
      rename(path, own);
      break;
    } catch {
      // Another process was faster.
    }
  }
  return own;
}

/** Gives up ownership, so that the next download can continue the file. */
export function releasePartial(path: string): void {
  dropOwner(ownerOf(path));
  const blob = basename(path).split('.', 1)[0]!;
  try {
    rename(path, join(dirname(path), `${blob}.${RELEASED}${SUFFIX}`));
  } catch {
    // Nothing had arrived, or the folder is gone.
  }
}

/** After it has become the blob, or was deleted. */
export function forgetPartial(path: string): void {
  dropOwner(ownerOf(path));
}

/** Bytes that a new download of this blob would go on from: none where there are more than the `bytes` that it has. */
export function partialSize(blob: string, bytes: number): number {
  const [there = 0] = freePartials(blob).map(size);
  return there > bytes ? 0 : there;
}

/** Those that nobody writes to, the largest first. */
function freePartials(blob: string): string[] {
  try {
    return readdirSync(dirname(blob))
      .filter((name) => name.startsWith(`${basename(blob)}.`) && name.endsWith(SUFFIX))
      .map((name) => join(dirname(blob), name))
      .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile() && isFree(path))
      .sort((a, b) => size(b) - size(a));
  } catch {
    return [];
  }
}

/** The hub's own tools have no owner in the name; their downloads are theirs. */
function isFree(path: string): boolean {
  const owner = ownerOf(path);
  return owner === RELEASED || isGone(owner, statSync(path).mtimeMs);
}

function ownerOf(path: string): string {
  return basename(path).split('.')[1] ?? '';
}

function size(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
