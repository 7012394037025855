/** What the model list remembers between starts: folders that were added, and downloads that were begun. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { withLock } from '../files/lock';
import { readBounded } from '../files/read';
import { codeOf } from '../files/retries';
import { createFolder, writeWhole } from '../files/write';
import { badInput, Dtype, EngineError, failure, HubId, Revision } from '../protocol';
import { RepoFile } from './repo';

export const PullKey = z.object({ id: HubId, revision: Revision, dtype: Dtype.nullable() });
export type PullKey = z.infer<typeof PullKey>;

/** Begun and not ended. */
const Pull = PullKey.extend({ files: z.array(RepoFile) });

interface State {
  readonly folders: readonly string[];
  readonly pulls: readonly z.infer<typeof Pull>[];
}

/** Of `models.json`; without a number it is the first. */
const FORMAT = 1;

const Fields = z.object({
  v: z.number().default(1),
  folders: z.unknown().optional(),
  pulls: z.unknown().optional(),
});
const NOTHING: State = { folders: [], pulls: [] };
const MAX_BYTES = 16 * 2 ** 20;

export class Remembered {
  private readonly path: string;

  /** @param folder see `dataFolder` */
  constructor(folder: string) {
    this.path = join(folder, 'models.json');
  }

  /** Read anew each time: the command line and the window share it. A file that cannot be read counts as missing. */
  read(): State {
    try {
      return parse(readBounded(this.path, MAX_BYTES).toString()).state;
    } catch {
      return NOTHING;
    }
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

  /** Another process may change it too: what it wrote is read under the lock. */
  private change(update: (state: State) => State): void {
    try {
      createFolder(dirname(this.path));
      withLock(`${this.path}.lock`, () => {
        const text = this.text();
        const { state, isWhole, version } = parse(text);
        if (version > FORMAT) throw newerList(version);
        // A copy is kept of what cannot be read, so that the user can mend it.
        if (!isWhole) writeWhole(join(dirname(this.path), 'models.damaged.json'), text);
        writeWhole(this.path, JSON.stringify({ v: FORMAT, ...update(state) }));
      });
    } catch (error) {
      if (error instanceof EngineError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw failure(
        'store',
        `the list of models cannot be kept: ${why}`,
        'Free some space, or set SLOT_STUDIO_DATA to another folder.',
      );
    }
  }

  private text(): string {
    try {
      return readBounded(this.path, MAX_BYTES).toString();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return JSON.stringify(NOTHING);
      throw error;
    }
  }
}

/** Each entry by itself. @returns `isWhole` false where something is left out */
function parse(text: string): { state: State; isWhole: boolean; version: number } {
  try {
    const json = Fields.parse(JSON.parse(text));
    const [folders, pulls] = [entries(json.folders, z.string()), entries(json.pulls, Pull)];
    return {
      state: { folders: folders.read, pulls: pulls.read },
      isWhole: folders.isWhole && pulls.isWhole,
      version: json.v,
    };
  } catch {
    return { state: NOTHING, isWhole: false, version: FORMAT };
  }
}

/** Written over, it would lose what this version does not know. */
function newerList(version: number): EngineError {
  return badInput(
    'newer-list',
    `the list of models was written in format ${version}, this version writes ${FORMAT}`,
    'Update SLOT Studio, or set SLOT_STUDIO_DATA to another folder.',
  );
}

function entries<T>(value: unknown, schema: z.ZodType<T>): { read: T[]; isWhole: boolean } {
  const found = value === undefined ? [] : [value].flat();
  const read = found.flatMap((entry) => {
    const { success, data } = schema.safeParse(entry);
    return success ? [data] : [];
  });
  return { read, isWhole: read.length === found.length };
}

function same(a: PullKey, b: PullKey): boolean {
  return a.id === b.id && a.revision === b.revision && a.dtype === b.dtype;
}
