/** The files that hold a model's external data, as they were when each was first looked at. */
import { realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { badInput, type EngineError } from '../../protocol';
import { FileSource, type FileState, isSame, isUnchanged, stateOf } from './file-source';

export class DataFiles {
  private readonly known = new Map<string, FileState>();
  private isClosed = false;

  /**
   * @param pathOf where a location's file lies; throws for one that is not allowed
   * @param missing the error for a path where nothing is
   */
  constructor(
    private readonly pathOf: (location: string) => string,
    private readonly missing: (path: string) => EngineError,
  ) {}

  /** A link is followed wherever it leads, since only the user or their Hugging Face cache can have made it. */
  realPath(location: string): string {
    return this.state(location).path;
  }

  size(location: string): number {
    return this.state(location).size;
  }

  /** @throws EngineError `model-changed` */
  read(location: string, offset: number, length: number): Uint8Array {
    const known = this.state(location);
    if (this.isClosed) throw new Error(`${basename(known.path)} is read after its model was closed`);
    const source = new FileSource(known.path);
    try {
      if (!isSame(source.state, known)) throw changedFile(known.path);
      return source.copy(offset, length);
    } finally {
      source.close();
    }
  }

  changed(): string | undefined {
    return [...this.known.values()].find((state) => !isUnchanged(state))?.path;
  }

  close(): void {
    this.isClosed = true;
  }

  private state(location: string): FileState {
    const known = this.known.get(location);
    if (known) return known;
    const path = this.pathOf(location);
    let real: string;
    try {
      real = realpathSync(path);
    } catch {
      throw this.missing(path);
    }
    const stats = statSync(real, { bigint: true });
    if (!stats.isFile()) throw badInput('external-data-missing', `${path} is not a file`);
    const state = stateOf(real, stats);
    this.known.set(location, state);
    return state;
  }
}

/** Its weights are mapped as they were, or read where they no longer are. */
export function changedFile(path: string): EngineError {
  return badInput(
    'model-changed',
    `${path} was changed, replaced or removed after the model was opened`,
    'Run again, which opens the model anew.',
  );
}
