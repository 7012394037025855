/** Builds what `npm start` needs and is not there yet, or older than its sources. */
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { OutputTail } from '../engine/process/exit-detail';
import { failure } from '../engine/protocol';

interface BuildTarget {
  /** Written by each build, relative to the repository. */
  output: string;
  /** Files and folders that it is made of. */
  sources: readonly string[];
  /** Arguments for Vite. */
  args: readonly string[];
}

const SHARED = ['engine', 'package.json', 'package-lock.json'];

export const WINDOW: BuildTarget = {
  output: 'dist/renderer/index.html',
  // The notices in it are of all that is shipped.
  sources: ['renderer', 'assets/icon.svg', 'packaging/notices', 'vite.config.ts', ...SHARED],
  args: ['build'],
};

export const PROCESSES: BuildTarget = {
  output: 'dist/electron/main.js',
  sources: ['electron', ...SHARED],
  args: ['build', '--config', join('electron', 'vite.config.ts')],
};

/** Rejects with an EngineError that names the first thing Vite complained of. */
export async function buildIfStale(root: string, target: BuildTarget): Promise<void> {
  if (isFresh(root, target)) return;
  const vite = join(createRequire(import.meta.url).resolve('vite/package.json'), '..', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, ...target.args, '--logLevel', 'error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const stderr = new OutputTail(child.stderr, 2 ** 16);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return;
  const detail = complaint(stderr.text);
  throw failure(
    'build-failed',
    `the build failed${detail === '' ? '' : `: ${detail}`}`,
    'Run `npm run build` to see it all.',
  );
}

/** The first line of Vite's report that says what is wrong. */
function complaint(report: string): string {
  const lines = stripVTControlCharacters(report)
    .split('\n')
    .map((line) => line.trim());
  const said = lines.filter(
    (line) => line !== '' && !/^✗|^error during build:|^Build failed with/.test(line),
  );
  return said[0] ?? '';
}

export function isFresh(root: string, { output, sources }: BuildTarget): boolean {
  const built = statSync(join(root, output), { throwIfNoEntry: false })?.mtimeMs;
  return built !== undefined && sources.every((source) => newest(join(root, source)) <= built);
}

/** The latest change below `path`, in milliseconds; a folder counts too, as it changes when a file goes. */
function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}
