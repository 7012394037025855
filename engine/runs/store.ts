/** Runs on disk: a folder each, with the events a line each and the vectors beside them. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { failure, type RunEvent } from '../protocol';
import { encodeSafetensors, type NamedTensor } from './safetensors';

export const EVENTS_FILE = 'events.jsonl';
export const VECTORS_FILE = 'vectors.safetensors';

/** SLOT_STUDIO_DATA, or the platform's folder for an application's data. */
export function dataFolder(): string {
  const { SLOT_STUDIO_DATA, XDG_DATA_HOME, APPDATA } = process.env;
  if (SLOT_STUDIO_DATA) return SLOT_STUDIO_DATA;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'slot-studio');
  if (process.platform === 'win32')
    return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'slot-studio');
  return join(XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'slot-studio');
}

/**
 * Writes a run whole or not at all.
 * @param vectors per SLOT lane: `<lane>.delta` [steps, d] after each step, `<lane>.shift` [V] after the last
 * @returns the run's folder
 */
export function saveRun(runId: string, events: readonly RunEvent[], vectors: readonly NamedTensor[]): string {
  const folder = join(dataFolder(), 'runs', runId);
  const partial = `${folder}.${process.pid}.partial`;
  try {
    mkdirSync(partial, { recursive: true });
    writeFileSync(join(partial, EVENTS_FILE), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    if (vectors.length > 0) writeFileSync(join(partial, VECTORS_FILE), encodeSafetensors(vectors, { runId }));
    renameSync(partial, folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw failure(
      'save',
      `the run cannot be saved: ${why}`,
      'Set SLOT_STUDIO_DATA to a folder that can be written.',
    );
  }
  return folder;
}
