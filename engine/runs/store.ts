/** Runs on disk: a folder each, with the events a line each, labels, and the vectors beside them. */
import { randomUUID } from 'node:crypto';
import { lutimesSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { guarded } from '../files/guarded';
import { readBounded, statOf } from '../files/read';
import { codeOf } from '../files/retries';
import { createFolder, partialOf, remove, rename, writeWhole } from '../files/write';
import { badInput, EngineError, type RunEvent, RunId, type RunLabels, type RunSummary } from '../protocol';
import { readText } from './events-file';
import { type RunFolders, tidy } from './housekeeping';
import { damagedRun, encodeEvent, encodeEvents, INTERRUPTED, parseRunFile } from './run-file';
import { EVENTS, readRun, summaryOf, VECTORS, writeLabels, writeSummary } from './run-folder';
import { decodeSafetensors, type NamedTensor, type StackedTensor, safetensorsParts } from './safetensors';
import { Summary } from './summary';
import { Vocabularies } from './vocabularies';
import { RunWriter } from './writer';

/** 128 MiB of vocabulary-sized vectors and the deltas of eight lanes, a thousand steps each. */
const MAX_VECTORS = 2 ** 30;

export class RunStore {
  private readonly folders: RunFolders;
  private readonly vocabularies: Vocabularies;

  /** @param data see `dataFolder` */
  constructor(data: string) {
    const [runs, trash, vocabularies] = ['runs', 'deleted', 'vocabularies'].map((name) => join(data, name));
    this.folders = { data, runs: runs!, trash: trash!, vocabularies: vocabularies! };
    this.vocabularies = new Vocabularies(vocabularies!);
  }

  /** Drops what was deleted more than a day ago and what nothing refers to. Never throws. */
  tidy(): void {
    tidy(this.folders, this.vocabularies);
  }

  /**
   * Starts a run's folder.
   * @throws EngineError `run-exists`, `store`
   */
  create(runId: string): RunWriter {
    this.checkFree(runId);
    return new RunWriter(this.path(runId), this.vocabularies);
  }

  /** @throws EngineError `run-exists`: two runs in one folder could not be told apart */
  checkFree(runId: string): void {
    if (this.isTaken(runId))
      throw badInput('run-exists', `a run ${runId} is stored already`, 'Use a new id.');
  }

  /** Newest first; a damaged run says so and hides no other. */
  list(): RunSummary[] {
    return this.ids()
      .map((runId) => summaryOf(this.path(runId), runId))
      .filter((summary) => summary !== undefined)
      .sort((a, b) => b.at.localeCompare(a.at));
  }

  /** Undefined where there is no such run. */
  summary(runId: string): RunSummary | undefined {
    return summaryOf(this.path(runId), runId);
  }

  /**
   * All that can be read: where lines are damaged a notice says which.
   * @throws EngineError `no-run`, `damaged-run`
   */
  read(runId: string): { summary: RunSummary; events: RunEvent[] } {
    return this.reading(runId, (folder) => readRun(folder, runId));
  }

  /** Its lines as they were written; an interrupted or damaged run as it is read, so that it can be imported again. */
  lines(runId: string): string {
    return this.reading(runId, (folder) => {
      const { events, summary } = readRun(folder, runId);
      const isWhole = summary.damage === null && summary.outcome !== INTERRUPTED;
      return isWhole ? readText(join(folder, EVENTS)) : events.map(encodeEvent).join('');
    });
  }

  /** @returns by name, see RunWriter.finish; empty for a run that has none */
  vectors(runId: string): Map<string, NamedTensor> {
    const path = join(this.path(runId), VECTORS);
    if (!exists(path)) return new Map();
    return decodeSafetensors(readBounded(path, MAX_VECTORS));
  }

  /** @throws EngineError `no-run`, `store` */
  addVectors(runId: string, tensors: readonly StackedTensor[], tokens: readonly string[] | undefined): void {
    const folder = this.path(runId);
    if (!exists(folder)) throw noRun(runId);
    guarded(() => {
      writeWhole(join(folder, VECTORS), safetensorsParts(tensors));
      if (tokens) this.vocabularies.keep(folder, tokens);
    });
  }

  has(runId: string): boolean {
    return exists(this.path(runId));
  }

  hasVectors(runId: string): boolean {
    return exists(join(this.path(runId), VECTORS));
  }

  /** Names the vocabulary of the run's model; undefined for a run that came without. */
  vocabularyOf(runId: string): string | undefined {
    return this.vocabularies.referenceOf(this.path(runId));
  }

  /** Token texts by id; undefined where it is gone. @param name see `vocabularyOf` */
  vocabulary(name: string): string[] | undefined {
    return this.vocabularies.read(name);
  }

  label(runId: string, labels: RunLabels): void {
    if (!exists(this.path(runId))) throw noRun(runId);
    guarded(() => writeLabels(this.path(runId), labels));
  }

  /** `restore` brings it back for a day. */
  delete(runId: string): void {
    const now = new Date();
    // Before the move: what is old when it gets there may be dropped by another process.
    if (exists(this.path(runId))) guarded(() => lutimesSync(this.path(runId), now, now));
    this.move(runId, this.folders.runs, this.folders.trash);
    this.tidy();
  }

  restore(runId: string): void {
    this.move(runId, this.folders.trash, this.folders.runs);
  }

  /** @returns the run's id: its own, or a new one where that is taken */
  async import(text: string): Promise<string> {
    const [started, ...rest] = await parseRunFile(text);
    if (started?.type !== 'run.started') throw noRun('');
    const restLines = await encodeEvents(rest);
    // From here on nothing else comes between. A foreign id becomes a folder's name only where it is fit to be one.
    const isFree = RunId.safeParse(started.runId).success && !this.isTaken(started.runId);
    const runId = isFree ? started.runId : randomUUID();
    const first = { ...started, runId };
    const summary = new Summary();
    for (const event of [first, ...rest]) summary.add(event);
    guarded(() => {
      const partial = partialOf(this.path(runId));
      createFolder(partial);
      try {
        writeWhole(join(partial, EVENTS), [encodeEvent(first), ...restLines].join(''));
        writeSummary(partial, summary, statSync(join(partial, EVENTS)));
        rename(partial, this.path(runId));
      } catch (error) {
        remove(partial);
        throw error;
      }
    });
    return runId;
  }

  private ids(): string[] {
    try {
      return readdirSync(this.folders.runs).filter((name) => RunId.safeParse(name).success);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      const why = error instanceof Error ? error.message : String(error);
      throw badInput('unreadable-runs', `the stored runs cannot be read: ${why}`, 'Put the folder right.');
    }
  }

  private reading<T>(runId: string, read: (folder: string) => T): T {
    const folder = this.path(runId);
    if (!exists(folder)) throw noRun(runId);
    try {
      return read(folder);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw damagedRun(error instanceof Error ? error.message : String(error));
    }
  }

  private move(runId: string, from: string, to: string): void {
    if (!exists(join(from, runId))) throw noRun(runId);
    guarded(() => {
      createFolder(to);
      rename(join(from, runId), join(to, runId));
    });
  }

  private isTaken(runId: string): boolean {
    return exists(this.path(runId)) || exists(join(this.folders.trash, runId));
  }

  private path(runId: string): string {
    return join(this.folders.runs, runId);
  }
}

/** Also a link that leads nowhere. */
function exists(path: string): boolean {
  return statOf(path) !== undefined;
}

function noRun(runId: string) {
  return badInput('no-run', `there is no stored run ${runId}`, 'Refresh the list.');
}
