/** Opens an address in the user's browser, where there is a screen to show it on. */
import { spawn } from 'node:child_process';
import { childEnvironment } from '../process/launch';

/** Whether a window can appear: on Linux a display server must be named; elsewhere there is one, unless over SSH. */
export function hasDisplay(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (platform === 'win32' || platform === 'darwin') return !env.SSH_CONNECTION;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Never fails: the address has been printed, too. */
export function openBrowser(url: string): void {
  const [command, args] = openCommand(url);
  const child = spawn(command, args, {
    detached: true,
    stdio: 'ignore',
    env: childEnvironment(process.env),
  });
  child.on('error', () => {});
  child.unref();
}

function openCommand(url: string): [string, string[]] {
  if (process.platform === 'darwin') return ['open', [url]];
  if (process.platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}
