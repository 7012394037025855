/** Runs on disk: a folder each, with the events a line each, labels, and the vectors beside them. */
import { createHash, randomUUID } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  badInput,
  EngineError,
  endsRun,
  failure,
  type RunEvent,
  RunId,
  RunLabels,
  RunSummary,
} from '../protocol';
import { encodeEvent, INTERRUPTION, parseOwnFile, parseRunFile, summarise } from './run-file';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from './safetensors';

const EVENTS = 'events.jsonl';
const LABELS = 'labels.json';
const VECTORS = 'vectors.safetensors';
const VOCABULARY = 'vocabulary.json';
const SUMMARY = 'summary.json';

const Vocabulary = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const TRASH_MS = 24 * 3600 * 1000;
const NO_LABELS: RunLabels = { tags: [], note: '' };

export class RunStore {
  private readonly runs: string;
  private readonly trash: string;
  private readonly vocabularies: string;

  /** @param folder see `dataFolder` */
  constructor(folder: string) {
    this.runs = join(folder, 'runs');
    this.trash = join(folder, 'deleted');
    this.vocabularies = join(folder, 'vocabularies');
  }

  /** Drops what was deleted more than a day ago: an undo outlives a restart, the disk does not fill. */
  emptyTrash(): void {
    if (!existsSync(this.trash)) return;
    for (const runId of readdirSync(this.trash)) {
      const path = join(this.trash, runId);
      if (Date.now() - statSync(path).mtimeMs > TRASH_MS) rmSync(path, { recursive: true, force: true });
    }
  }

  /** Starts a run's folder; each event is on disk before the next one. */
  create(runId: string): RunWriter {
    return guarded(() => new RunWriter(this.path(runId), this.vocabularies));
  }

  list(): RunSummary[] {
    if (!existsSync(this.runs)) return [];
    return readdirSync(this.runs)
      .filter((name) => RunId.safeParse(name).success)
      .map((runId) => this.cachedSummary(runId) ?? this.tryRead(runId)?.summary)
      .filter((summary) => summary !== undefined)
      .sort((a, b) => b.at.localeCompare(a.at));
  }

  read(runId: string): { summary: RunSummary; events: RunEvent[] } {
    const run = this.tryRead(runId);
    if (!run) throw noRun(runId);
    return run;
  }

  /** Its lines as they were written; an interrupted run gets an end that says so, and can be imported again. */
  lines(runId: string): string {
    const path = join(this.path(runId), EVENTS);
    if (!existsSync(path)) throw noRun(runId);
    const text = readFileSync(path, 'utf8');
    const events = parseOwnFile(text);
    return events.at(-1) === INTERRUPTION ? events.map(encodeEvent).join('') : text;
  }

  /** @returns by name, see RunWriter.finish; empty for a run that has none */
  vectors(runId: string): Map<string, NamedTensor> {
    const file = this.vectorsFile(runId);
    return file ? decodeSafetensors(file) : new Map();
  }

  vectorsFile(runId: string): Uint8Array | undefined {
    const path = join(this.path(runId), VECTORS);
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  /** Token texts by id, of the run's model; undefined for a run that came without. */
  vocabulary(runId: string): string[] | undefined {
    const path = join(this.path(runId), VOCABULARY);
    if (!existsSync(path)) return undefined;
    const { sha256 } = Vocabulary.parse(JSON.parse(readFileSync(path, 'utf8')));
    return z
      .array(z.string())
      .parse(JSON.parse(readFileSync(join(this.vocabularies, `${sha256}.json`), 'utf8')));
  }

  label(runId: string, labels: RunLabels): void {
    this.read(runId);
    guarded(() => writeWhole(join(this.path(runId), LABELS), JSON.stringify(labels)));
  }

  delete(runId: string): void {
    this.move(runId, this.runs, this.trash);
    const now = new Date();
    guarded(() => utimesSync(join(this.trash, runId), now, now));
  }

  restore(runId: string): void {
    this.move(runId, this.trash, this.runs);
  }

  /** @returns the run's id: its own, or a new one where that is taken */
  import(text: string): string {
    const [started, ...rest] = parseRunFile(text);
    if (started?.type !== 'run.started') throw noRun('');
    // A foreign id becomes a folder's name only where it is fit to be one.
    const isFree = RunId.safeParse(started.runId).success && !existsSync(this.path(started.runId));
    const runId = isFree ? started.runId : randomUUID();
    const events = [{ ...started, runId }, ...rest];
    guarded(() => {
      const partial = `${this.path(runId)}.partial`;
      mkdirSync(partial, { recursive: true });
      writeFileSync(join(partial, EVENTS), events.map(encodeEvent).join(''));
      writeFileSync(join(partial, SUMMARY), JSON.stringify(summarise(events)));
      renameSync(partial, this.path(runId));
    });
    return runId;
  }

  private tryRead(runId: string): { summary: RunSummary; events: RunEvent[] } | undefined {
    const path = join(this.path(runId), EVENTS);
    if (!existsSync(path)) return undefined;
    const events = parseOwnFile(readFileSync(path, 'utf8'));
    const summary = summarise(events);
    return summary && { summary: { ...summary, runId, ...this.labels(runId) }, events };
  }

  /** Reading every event of every run for a list would be slow. */
  private cachedSummary(runId: string): RunSummary | undefined {
    try {
      const summary: unknown = JSON.parse(readFileSync(join(this.path(runId), SUMMARY), 'utf8'));
      return RunSummary.parse({ ...Object(summary), runId, ...this.labels(runId) });
    } catch {
      return undefined;
    }
  }

  private labels(runId: string): RunLabels {
    try {
      return RunLabels.parse(JSON.parse(readFileSync(join(this.path(runId), LABELS), 'utf8')));
    } catch {
      return NO_LABELS;
    }
  }

  private move(runId: string, from: string, to: string): void {
    if (!existsSync(join(from, runId))) throw noRun(runId);
    guarded(() => {
      mkdirSync(to, { recursive: true });
      renameSync(join(from, runId), join(to, runId));
    });
  }

  private path(runId: string): string {
    return join(this.runs, runId);
  }
}

export class RunWriter {
  private readonly events: RunEvent[] = [];

  constructor(
    private readonly folder: string,
    private readonly vocabularies: string,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  append(event: RunEvent): void {
    this.events.push(event);
    guarded(() => {
      appendFileSync(join(this.folder, EVENTS), encodeEvent(event));
      if (endsRun(event)) writeWhole(join(this.folder, SUMMARY), JSON.stringify(summarise(this.events)));
    });
  }

  /**
   * @param vectors per SLOT lane `<lane>.delta` [T, d], `<lane>.shift` [T, V], `<lane>.meanP` [T, V] and
   * `<lane>.baseMeanP` [V]; where T·V is large, shift and meanP hold the last step alone
   * @param tokens texts by id; kept once for all runs of a vocabulary
   */
  finish(vectors: readonly NamedTensor[], tokens: readonly string[]): void {
    guarded(() => {
      if (vectors.length > 0) writeWhole(join(this.folder, VECTORS), encodeSafetensors(vectors));
      const json = JSON.stringify(tokens);
      const sha256 = createHash('sha256').update(json).digest('hex');
      const shared = join(this.vocabularies, `${sha256}.json`);
      mkdirSync(this.vocabularies, { recursive: true });
      if (!existsSync(shared)) writeWhole(shared, json);
      writeWhole(join(this.folder, VOCABULARY), JSON.stringify({ sha256 }));
    });
  }

  get path(): string {
    return this.folder;
  }
}

/** Under its final name only when all of it is there. */
function writeWhole(path: string, data: string | Uint8Array): void {
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, data);
  renameSync(partial, path);
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw failure(
      'store',
      `the run cannot be stored: ${why}`,
      'Free some space, or set SLOT_STUDIO_DATA to another folder.',
    );
  }
}

function noRun(runId: string) {
  return badInput('no-run', `there is no stored run ${runId}`, 'Refresh the list.');
}
