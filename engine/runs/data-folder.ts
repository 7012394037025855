/** Where the app keeps what it must remember. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** SLOT_STUDIO_DATA, or the platform's folder for an application's data. */
export function dataFolder(): string {
  const { SLOT_STUDIO_DATA, XDG_DATA_HOME, APPDATA } = process.env;
  if (SLOT_STUDIO_DATA) return SLOT_STUDIO_DATA;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'slot-studio');
  if (process.platform === 'win32')
    return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'slot-studio');
  return join(XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'slot-studio');
}
