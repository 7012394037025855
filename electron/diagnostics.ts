/** What the main process knows of itself: versions, folders, crash dumps, and what went wrong. */
import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { app } from 'electron';
import prettyBytes from 'pretty-bytes';
import { type Diagnostics, type Incident, MAX_INCIDENTS } from '../engine/protocol';
import type { Incidents } from './incidents';

export function diagnosticsOf(incidents: Incidents): Diagnostics {
  const dumps = app.getPath('crashDumps');
  const { electron = '', chrome = '', node } = process.versions;
  const versions = { Electron: electron, Chromium: chrome, 'Node of Electron': node };
  const folders = { 'Window and incidents': app.getPath('userData'), 'Crash dumps': dumps };
  const told = [...incidents.list(), ...dumpsIn(dumps)].sort((a, b) => a.at.localeCompare(b.at));
  return {
    home: homedir(),
    facts: Object.entries(versions).map(([name, value]) => ({ name, value })),
    folders: Object.entries(folders).map(([name, path]) => ({ name, path })),
    incidents: told.slice(-MAX_INCIDENTS),
  };
}

/** Crashpad's, in whichever subfolder the platform keeps them. */
function dumpsIn(folder: string): Incident[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.dmp'))
      .map((name) => {
        const { mtime, size } = statSync(join(folder, name));
        return { at: mtime.toISOString(), text: `A crash dump: ${basename(name)}, ${prettyBytes(size)}` };
      });
  } catch {
    return [];
  }
}
