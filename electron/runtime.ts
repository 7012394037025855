/** Finds Electron's own executable, fetches it where that can work, and runs the app in it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { childEnvironment } from '../engine/process/launch';
import { hasDisplay } from '../engine/serve/browser';

/** The npm package brings no executable; its own script downloads it (about 120 MB). */
const DOWNLOAD_TIMEOUT = 180_000;

/** An Electron that ends with an error this soon has not shown a window, in milliseconds. */
const OPENING = 15_000;

/** The signals by which a user or the system ends a program in a terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Where things stand on this machine; tests give their own. */
export interface Machine {
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  isRoot: boolean;
  /** Folder of the electron package. */
  package: string;
}

export function thisMachine(): Machine {
  return {
    env: process.env,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    package: join(createRequire(import.meta.url).resolve('electron/package.json'), '..'),
  };
}

/** Either Electron's executable, or why there can be no window of its own. */
type Runtime = { executable: string } | { reason: string };

export async function findRuntime(machine: Machine): Promise<Runtime> {
  if (!hasDisplay(machine.env, machine.platform)) return { reason: 'No display here' };
  if (machine.isRoot && machine.platform === 'linux') {
    return { reason: 'As root, Electron would have to give up its sandbox' };
  }
  const installed = installedExecutable(machine);
  if (installed !== null) return { executable: installed };
  await download(machine);
  const downloaded = installedExecutable(machine);
  if (downloaded !== null) return { executable: downloaded };
  return { reason: 'The Electron runtime is not installed and could not be downloaded' };
}

/** As the package's own index.js looks for it, which would start a download of its own. */
function installedExecutable({ package: folder, env }: Machine): string | null {
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const executable = join(
    env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'),
    readFileSync(pathFile, 'utf8'),
  );
  return existsSync(executable) ? executable : null;
}

/** Never rejects: the caller checks whether the executable is there now. */
async function download({ package: folder, env }: Machine): Promise<void> {
  const script = join(folder, 'install.js');
  if (!existsSync(script)) return;
  const terminal = process.stderr.isTTY;
  if (terminal) process.stderr.write('Fetching the Electron runtime, once …');
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, [script], {
      cwd: folder,
      env: childEnvironment(env),
      stdio: 'ignore',
      timeout: DOWNLOAD_TIMEOUT,
      killSignal: 'SIGKILL',
    });
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
  if (terminal) process.stderr.write('\r\u001b[K');
}

/** Runs the app until its window closes. Resolves to a reason where no window came up, else to null. */
export async function runElectron(
  executable: string,
  root: string,
  { platform }: Pick<Machine, 'platform'> = process,
): Promise<string | null> {
  const started = performance.now();
  // In a group of its own Electron hears a terminal's Ctrl+C once, from here. Windows has no such groups: there the
  // console tells both, and passing it on would end Electron before it can tidy up.
  const passesOn = platform !== 'win32';
  let isInterrupted = false;
  const interrupt = (signal: NodeJS.Signals) => {
    isInterrupted = true;
    if (passesOn) child.kill(signal);
  };
  // First, so that no signal ends this process and leaves Electron behind.
  for (const signal of SIGNALS) process.on(signal, interrupt);
  const env = childEnvironment(process.env);
  const child = spawn(executable, [root], { env, stdio: 'ignore', detached: passesOn });
  const failed = await new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(true));
    child.on('close', (code, signal) => resolve(code !== 0 && signal !== 'SIGINT' && signal !== 'SIGTERM'));
  });
  for (const signal of SIGNALS) process.off(signal, interrupt);
  const isTooSoon = performance.now() - started < OPENING;
  return failed && isTooSoon && !isInterrupted ? 'Electron could not open a window' : null;
}
