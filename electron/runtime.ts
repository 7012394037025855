/** Finds Electron's own executable, fetches it where that can work, and runs the app in it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { codeOf } from '../engine/files/retries';
import { childEnvironment } from '../engine/process/launch';
import { hasDisplay } from '../engine/serve/browser';
import { fetchRuntime } from './fetch-runtime';
import { FetchingLine } from './fetching-line';
import { Interrupt } from './interrupt';

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
  const failed = await install(machine);
  if (failed !== null) return { reason: failed };
  const downloaded = installedExecutable(machine);
  if (downloaded !== null) return { executable: downloaded };
  return { reason: 'The Electron runtime could not be unpacked' };
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

/** The npm package brings no executable: it is fetched here, and unpacked by the package's own script. @returns why not */
async function install({ package: folder, env }: Machine): Promise<string | null> {
  const line = new FetchingLine(process.stderr);
  const stop = new Interrupt();
  try {
    await fetchRuntime(folder, env, {
      signal: stop.signal,
      onProgress: (done, total) => line.progress(done, total),
      onCut: () => line.cut(),
    });
    await unpack(folder, env, stop.signal);
    return null;
  } catch (error) {
    if (stop.signal.aborted) return 'The download of Electron was stopped; the next start goes on with it';
    return `The Electron runtime could not be downloaded (${causeOf(error)})`;
  } finally {
    line.clear();
    await stop.close();
  }
}

/** Finds the archive in the cache. Never rejects: the caller checks whether the executable is there now. */
async function unpack(folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, [join(folder, 'install.js')], {
      cwd: folder,
      env: childEnvironment(env),
      stdio: 'ignore',
      signal,
      killSignal: 'SIGKILL',
    });
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
  signal.throwIfAborted();
}

/** What lies behind "fetch failed", in one line. */
function causeOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : { cause: error };
  const message = cause instanceof Error ? cause.message : String(cause);
  // Several addresses that refuse are one error without a message.
  return (message || String(codeOf(cause) ?? 'no answer')).split('\n', 1)[0]!;
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
