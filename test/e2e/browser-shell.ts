/** Starts the real browser shell and a real Chromium for the end-to-end tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const START_TIMEOUT_MS = 60_000;

/** Null where the tests can run; else why they are left out. Where they are required nothing is left out. */
export function reasonToSkip(): string | null {
  if (existsSync(CHROMIUM) || process.env.SLOT_STUDIO_E2E === 'required') return null;
  return `no Chromium at ${CHROMIUM}: set CHROMIUM_PATH or install the package chromium`;
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    // Bars that take room, as most desktops have them.
    ignoreDefaultArgs: ['--hide-scrollbars'],
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Server {
  readonly url: string;
  /** Process ids of the engine, on Linux. */
  enginePids(): number[];
  stop(): Promise<void>;
}

/**
 * @param dataFolder of the test's own, which stays; without it a new one, which goes with the server
 * @param env besides this process's own
 */
export async function startServer(dataFolder?: string, env: NodeJS.ProcessEnv = {}): Promise<Server> {
  if (!existsSync(join(ROOT, 'dist/renderer/index.html'))) {
    throw new Error('dist/renderer is missing: run npm run build first');
  }
  const home = dataFolder ?? mkdtempSync(join(tmpdir(), 'slot-studio-e2e-'));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'engine/serve/main.ts', '--port', '0', '--no-open'],
    {
      cwd: ROOT,
      // Whatever is kept on disk stays out of the user's own folders.
      env: { ...process.env, ...env, SLOT_STUDIO_DATA: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const url = await readUrl(child);
    return {
      url,
      enginePids: () => childrenOf(child.pid),
      async stop() {
        child.kill('SIGTERM');
        await exited;
        if (dataFolder === undefined) rmSync(home, { recursive: true, force: true });
      },
    };
  } catch (thrown) {
    child.kill('SIGKILL');
    throw thrown;
  }
}

function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(
      () => reject(new Error(`no address within ${START_TIMEOUT_MS} ms: ${output}`)),
      START_TIMEOUT_MS,
    );
    const read = (data: Buffer) => {
      output += data.toString();
      const [url] = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(output) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the server ended with ${code}: ${output}`));
    });
  });
}

function childrenOf(pid: number | undefined): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return [];
  const children = readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number);
  // tsx keeps a helper process of its own.
  return children.filter((child) =>
    readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('engine/process'),
  );
}
