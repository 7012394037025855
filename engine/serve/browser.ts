/** Opens an address in the user's browser, where there is a screen to show it on. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { childEnvironment } from '../process/launch';

const REDIRECT = 'open.html';

/** Whether a window can appear: on Linux a display server must be named; elsewhere there is one, unless over SSH. */
export function hasDisplay(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (platform === 'win32' || platform === 'darwin') return !env.SSH_CONNECTION;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * Opens `url` by way of a file that only this user can read, which leads to it: what a program is started with, any
 * user of this machine can see. Never fails, since the address has been printed, too.
 * @returns takes the file away
 */
export function openBrowser(url: string): () => void {
  const folder = writeRedirect(url);
  if (folder === null) return () => {};
  const [command, args] = openCommand(pathToFileURL(join(folder, REDIRECT)).href);
  const child = spawn(command, args, {
    detached: true,
    stdio: 'ignore',
    env: childEnvironment(process.env),
  });
  child.on('error', () => {});
  child.unref();
  return () => rmSync(folder, { recursive: true, force: true });
}

/**
 * Browsers in a sandbox of their own (snap, flatpak) see neither /tmp nor hidden folders, but the home folder.
 * @returns the folder of the file; null where none can be written
 */
function writeRedirect(url: string): string | null {
  for (const parent of process.platform === 'linux' ? [homedir(), tmpdir()] : [tmpdir()]) {
    let folder: string | undefined;
    try {
      folder = mkdtempSync(join(parent, 'slot-studio-'));
      writeFileSync(join(folder, REDIRECT), redirectTo(url), { mode: 0o600 });
      return folder;
    } catch {
      // Read-only, missing or full: the next one.
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }
  }
  return null;
}

/** @param url an address of this server, without characters that HTML knows */
function redirectTo(url: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<title>SLOT Studio</title>
<a href="${url}">Open SLOT Studio</a>
`;
}

function openCommand(url: string): [string, string[]] {
  if (process.platform === 'darwin') return ['open', [url]];
  if (process.platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}
