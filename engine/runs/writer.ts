/** Writes one run: each event is in its file before the next one, and on the disk at the run's turning points. */
import { closeSync, fdatasyncSync, fstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { guarded } from '../files/guarded';
import { createFile, createFolder, PRIVATE_FOLDER, syncFolder, writeAll, writeLarge } from '../files/write';
import { endsRun, type RunEvent } from '../protocol';
import { encodeEvent } from './run-file';
import { EVENTS, VECTORS, writeSummary } from './run-folder';
import { type StackedTensor, safetensorsParts } from './safetensors';
import { Summary } from './summary';
import type { Vocabularies } from './vocabularies';

/** Syncing each token would halve the speed; what is lost with the power is less than one answer. */
const SYNCED: ReadonlySet<RunEvent['type']> = new Set(['run.started', 'slot.done', 'lane.done']);

export class RunWriter {
  private readonly summary = new Summary();
  private file: number | undefined;

  /**
   * @param folder of the run, new
   * @throws EngineError `store`
   */
  constructor(
    private readonly folder: string,
    private readonly vocabularies: Vocabularies,
  ) {
    guarded(() => {
      createFolder(dirname(folder));
      // Fails where another process was faster: two runs in one file could not be told apart.
      mkdirSync(folder, PRIVATE_FOLDER);
      this.file = createFile(join(folder, EVENTS));
    });
  }

  /** After the event that ends the run, or a failure, the file is closed. */
  append(event: RunEvent): void {
    guarded(() => {
      try {
        this.write(event);
        if (endsRun(event)) this.close();
      } catch (error) {
        this.close();
        throw error;
      }
    });
  }

  /**
   * @param vectors per SLOT lane `<lane>.delta` [T, d], `<lane>.shift` [T, V], `<lane>.meanP` [T, V] and
   * `<lane>.baseMeanP` [V]; where T·V is large, shift and meanP hold the last steps alone
   * @param tokens texts by id; kept once for all runs of a vocabulary
   */
  async finish(vectors: readonly StackedTensor[], tokens: readonly string[]): Promise<void> {
    if (vectors.length > 0) await writeLarge(join(this.folder, VECTORS), safetensorsParts(vectors));
    this.vocabularies.keep(this.folder, tokens);
  }

  close(): void {
    const { file } = this;
    this.file = undefined;
    if (file !== undefined) closeSync(file);
  }
  private write(event: RunEvent): void {
    const { file, folder, summary } = this;
    if (file === undefined) throw new Error('the file of its events is closed');
    writeAll(file, Buffer.from(encodeEvent(event)));
    summary.add(event);
    if (SYNCED.has(event.type) || endsRun(event)) fdatasyncSync(file);
    if (event.type === 'run.started') {
      // Else the names of the file and its folder could be lost with the power.
      syncFolder(folder);
      syncFolder(dirname(folder));
    }
    if (endsRun(event)) writeSummary(folder, summary, fstatSync(file));
  }
}
