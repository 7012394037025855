/**
 * A folder of prepared weights, by their key:
 *
 *     <key>/weights.bin, index.json, loss.json once it is measured
 *     <key>/<key>.<owner>.user         an open model reads it
 *     <key>.<owner>.incomplete         being made, or being deleted; what a dead process leaves is swept
 *
 * The owner is a process (`files/owner.ts`). A lock is held for moments, while names appear or vanish.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../../files/lock';
import { dropOwner, isGone, newOwner } from '../../files/owner';
import { readJson, statOf } from '../../files/read';
import { createFolder, remove, rename, writeWhole } from '../../files/write';
import { Index, Key, Loss, MAX_INDEX } from './prepared-index';

const INCOMPLETE = '.incomplete';
const USER = '.user';
const WEIGHTS = 'weights.bin';

/** A place to make something in: kept under its key, or dropped. */
export interface Claim {
  readonly folder: string;
  readonly weights: string;
  keep(index: Index): void;
  drop(): void;
}

export class PreparedFolder {
  /** @param path need not be there yet */
  constructor(readonly path: string) {}

  weights(key: string): string {
    return join(this.path, key, WEIGHTS);
  }

  /** Undefined where there is none, or it is not as it was written. */
  index(key: string): Index | undefined {
    const index = readJson(indexIn(join(this.path, key)), MAX_INDEX, Index);
    return index?.key === key ? index : undefined;
  }

  /** Where it cannot be written, the weights are checked again next time. */
  renewIndex(index: Index): void {
    try {
      writeWhole(indexIn(join(this.path, index.key)), JSON.stringify(index));
    } catch {}
  }

  loss(key: string): Loss | undefined {
    return readJson(join(this.path, key, 'loss.json'), MAX_INDEX, Loss);
  }

  /** Where it cannot be written, it is measured again. */
  keepLoss(key: string, loss: Loss): void {
    try {
      writeWhole(join(this.path, key, 'loss.json'), JSON.stringify(loss));
    } catch {}
  }

  keys(): string[] {
    return namesIn(this.path).filter((name) => Key.safeParse(name).success);
  }

  /** Bytes on disk. */
  size(key: string): number {
    const folder = join(this.path, key);
    return namesIn(folder).reduce((sum, name) => sum + (statOf(join(folder, name))?.size ?? 0), 0);
  }

  /** Whether an open model reads it, of this process or of another. */
  isUsed(key: string): boolean {
    const folder = join(this.path, key);
    return namesIn(folder).some((name) => name.endsWith(USER) && !isLeftover(join(folder, name), name));
  }

  /** @returns what ends the use; undefined where there is nothing to use */
  use(key: string): (() => void) | undefined {
    if (!this.index(key)) return undefined;
    return this.locked(() => {
      if (!this.index(key)) return undefined;
      const owner = newOwner();
      const path = join(this.path, key, `${key}.${owner}${USER}`);
      writeWhole(path, '');
      return () => {
        dropOwner(owner);
        remove(path);
      };
    });
  }

  /** Undefined while another makes the same. */
  claim(key: string): Claim | undefined {
    createFolder(this.path);
    this.sweep();
    return this.locked(() => {
      if (namesIn(this.path).some((name) => name.startsWith(`${key}.`) && name.endsWith(INCOMPLETE)))
        return undefined;
      const owner = newOwner();
      const folder = this.incomplete(key, owner);
      createFolder(folder);
      const end = () => {
        dropOwner(owner);
        remove(folder);
      };
      const keep = (index: Index) => {
        writeWhole(indexIn(folder), JSON.stringify(index));
        this.discard(key);
        this.locked(() => rename(folder, join(this.path, key)));
        dropOwner(owner);
      };
      return { folder, weights: join(folder, WEIGHTS), keep, drop: end };
    });
  }

  /** @returns whether it is gone; false where an open model reads it */
  remove(key: string): boolean {
    if (this.isUsed(key)) return false;
    this.discard(key);
    return true;
  }

  /** Whoever looks for it finds all of it or nothing. */
  private discard(key: string): void {
    const folder = join(this.path, key);
    if (!statOf(folder)) return;
    const owner = newOwner();
    const aside = this.incomplete(key, owner);
    try {
      this.locked(() => rename(folder, aside));
      remove(aside);
    } finally {
      dropOwner(owner);
    }
  }

  /** Removes what processes that are gone were making or deleting. */
  sweep(): void {
    for (const name of namesIn(this.path)) {
      const path = join(this.path, name);
      if (name.endsWith(INCOMPLETE) && isLeftover(path, name)) remove(path);
    }
  }

  private incomplete(key: string, owner: string): string {
    return join(this.path, `${key}.${owner}${INCOMPLETE}`);
  }

  private locked<T>(work: () => T): T {
    return withLock(join(this.path, '.lock'), work);
  }
}

function indexIn(folder: string): string {
  return join(folder, 'index.json');
}

function isLeftover(path: string, name: string): boolean {
  const written = statOf(join(path, WEIGHTS)) ?? statOf(path);
  return written !== undefined && isGone(name.split('.')[1] ?? '', written.mtimeMs);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
