/** One run's folder: events.jsonl, and beside it what was worked out, drawn from the model or written by the user. */
import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, statOf } from '../files/read';
import { codeOf } from '../files/retries';
import { writeWhole } from '../files/write';
import { EngineError, type RunEvent, RunLabels, RunSummary } from '../protocol';
import { readEvents } from './events-file';
import { Summary } from './summary';

export const EVENTS = 'events.jsonl';
export const VECTORS = 'vectors.safetensors';
const LABELS = 'labels.json';
const SUMMARY = 'summary.json';

const MAX_BYTES = 2 ** 20;
const NO_LABELS: RunLabels = { tags: [], note: '' };

/** Reading every event of every run for a list would be slow. Of events.jsonl: its size, and when it was written. */
const StoredSummary = z.object({
  bytes: z.int(),
  modified: z.number(),
  summary: RunSummary.omit({ tags: true, note: true }),
});

/** @throws EngineError `damaged-run` and others; the system's own errors */
export function readRun(folder: string, runId: string): { summary: RunSummary; events: RunEvent[] } {
  const events: RunEvent[] = [];
  const summary = new Summary();
  readEvents(join(folder, EVENTS), (event) => {
    events.push(event);
    summary.add(event);
  });
  return { summary: { ...summary.value, runId, ...labelsOf(folder) }, events };
}

/** As far as it can be read, with the reason where that is not all. @returns undefined where there is no run */
export function summaryOf(folder: string, runId: string): RunSummary | undefined {
  try {
    const summary = knownSummary(folder) ?? readSummary(folder);
    return { ...summary, runId, ...labelsOf(folder) };
  } catch (error) {
    if (holdsNothing(folder)) return undefined;
    const isMissing = codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
    return damagedSummary(folder, runId, isMissing ? 'its events.jsonl is not there' : reasonOf(error));
  }
}

export function writeSummary(folder: string, summary: Summary, { size, mtimeMs }: Stats): void {
  const stored = { bytes: size, modified: mtimeMs, summary: summary.value };
  writeWhole(join(folder, SUMMARY), JSON.stringify(stored));
}

export function writeLabels(folder: string, labels: RunLabels): void {
  writeWhole(join(folder, LABELS), JSON.stringify(labels));
}

/** Undefined where the events have changed since. */
function knownSummary(folder: string): Omit<RunSummary, keyof RunLabels> | undefined {
  const stat = statSync(join(folder, EVENTS));
  const { bytes, modified, summary } = storedSummary(folder) ?? {};
  return stat.isFile() && bytes === stat.size && modified === stat.mtimeMs ? summary : undefined;
}

function storedSummary(folder: string) {
  return readJson(join(folder, SUMMARY), MAX_BYTES, StoredSummary);
}

function readSummary(folder: string): Omit<RunSummary, keyof RunLabels> {
  const summary = new Summary();
  const stat = readEvents(join(folder, EVENTS), (event) => summary.add(event));
  try {
    writeSummary(folder, summary, stat);
  } catch {
    // It is read again the next time.
  }
  return summary.value;
}

/** What was known of it before it was damaged. */
function damagedSummary(folder: string, runId: string, damage: string): RunSummary {
  const at = statOf(folder)?.mtime ?? new Date(0);
  const unknown = { at: at.toISOString(), model: '', prompt: '', lanes: [], tokens: 0 };
  const known = storedSummary(folder)?.summary ?? unknown;
  return { ...known, runId, ...labelsOf(folder), outcome: 'damaged', damage };
}

function reasonOf(error: unknown): string {
  if (error instanceof EngineError && error.hint !== '') return `${error.message}. ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}

/** No folder, or one that a start left which was cut off before its first event. */
export function holdsNothing(folder: string): boolean {
  try {
    return readdirSync(folder).every((name) => name === EVENTS && isEmptyFile(join(folder, name)));
  } catch {
    // A link may lead to a drive that is not connected.
    return !statOf(folder)?.isSymbolicLink();
  }
}

function isEmptyFile(path: string): boolean {
  const stat = statOf(path);
  return stat?.isFile() === true && stat.size === 0;
}

function labelsOf(folder: string): RunLabels {
  return readJson(join(folder, LABELS), MAX_BYTES, RunLabels) ?? NO_LABELS;
}
