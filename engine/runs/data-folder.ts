/** Where the app keeps what it must remember. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** SLOT_STUDIO_DATA, or the platform's folder for an application's data. */
export function dataFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  return env.SLOT_STUDIO_DATA || join(applicationData(env, platform, home), 'slot-studio');
}

function applicationData(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env.APPDATA || join(home, 'AppData', 'Roaming');
  return env.XDG_DATA_HOME || join(home, '.local', 'share');
}
