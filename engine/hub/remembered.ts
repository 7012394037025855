/** What the model list remembers between starts: folders that were added, and downloads that were begun. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Dtype, failure, HubId, Revision } from '../protocol';
import { RepoFile } from './repo';

export const PullKey = z.object({ id: HubId, revision: Revision, dtype: Dtype.nullable() });
export type PullKey = z.infer<typeof PullKey>;

const State = z.object({
  folders: z.array(z.string()).default([]),
  /** Begun and not ended. */
  pulls: z.array(PullKey.extend({ files: z.array(RepoFile) })).default([]),
});
type State = z.infer<typeof State>;

export class Remembered {
  private readonly path: string;

  /** @param folder see `dataFolder` */
  constructor(folder: string) {
    this.path = join(folder, 'models.json');
  }

  /** Read anew each time: the command line and the window share it. A damaged file is as good as none. */
  read(): State {
    try {
      if (existsSync(this.path)) return State.parse(JSON.parse(readFileSync(this.path, 'utf8')));
    } catch {}
    return State.parse({});
  }

  addFolder(folder: string): void {
    this.change((state) => ({ ...state, folders: [...new Set([...state.folders, folder])] }));
  }

  forgetFolder(folder: string): void {
    this.change((state) => ({ ...state, folders: state.folders.filter((other) => other !== folder) }));
  }

  beginPull({ id, revision, dtype }: PullKey, files: readonly RepoFile[]): void {
    const pull = { id, revision, dtype, files: [...files] };
    this.change((state) => ({
      ...state,
      pulls: [...state.pulls.filter((other) => !same(other, pull)), pull],
    }));
  }

  endPull(key: PullKey): void {
    this.change((state) => ({ ...state, pulls: state.pulls.filter((pull) => !same(pull, key)) }));
  }

  private change(update: (state: State) => State): void {
    const partial = `${this.path}.${process.pid}.partial`;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      writeFileSync(partial, JSON.stringify(update(this.read())));
      renameSync(partial, this.path);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw failure(
        'store',
        `the list of models cannot be kept: ${why}`,
        'Free some space, or set SLOT_STUDIO_DATA to another folder.',
      );
    }
  }
}

function same(a: PullKey, b: PullKey): boolean {
  return a.id === b.id && a.revision === b.revision && a.dtype === b.dtype;
}
