/** `npm start` as a real process without a display, and how it decides between window and browser. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { buildIfStale, isFresh, WINDOW } from '../../electron/build';
import { findRuntime, type Machine, runElectron } from '../../electron/runtime';
import { sourceEntry } from '../../engine/process/launch';
import { descendants, isAlive } from '../process/support';
import { enter, get, open } from '../serve/support';
import { ROOT } from './support';

const pids: number[] = [];
afterEach(() => {
  for (const pid of pids.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

describe('npm start without a display', () => {
  it('prints one line with an address, serves the page there, and leaves nothing behind', async () => {
    const { DISPLAY: _, WAYLAND_DISPLAY: __, ...env } = process.env;
    const child = spawn('npm', ['start', '--silent'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    await expect.poll(() => out, { timeout: 60_000 }).toContain('\n');
    pids.push(child.pid!, ...descendants(child.pid!));
    expect(out).toMatch(
      /^No display here: open http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{22,} in a browser \(Ctrl\+C stops\)\.\n$/,
    );
    const url = new URL(/http:\S+/.exec(out)![0]);
    const server = { port: Number(url.port), token: url.searchParams.get('token') ?? '' };
    const page = await enter(server.port, url.pathname + url.search);
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    const [, script = ''] = /<script[^>]* src="\.(\/assets\/[^"]+\.js)"/.exec(page.body) ?? [];
    expect(await get(server.port, script)).toMatchObject({ status: 200 });

    const { inbox, closed } = await open(server);
    await inbox.engine('ready');
    pids.push(...descendants(child.pid!));
    // As Ctrl+C in a terminal does, the signal goes to the whole group; here to the process that serves.
    for (const pid of descendants(child.pid!)) if (isAlive(pid)) process.kill(pid, 'SIGINT');
    expect(await closed).toMatchObject({ code: 1001 });
    await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    // npm itself may remark on the settings of the machine.
    expect(err.split('\n').filter((line) => line !== '' && !line.startsWith('npm '))).toEqual([]);
  });
});

describe('the runtime', () => {
  /** A folder like that of the electron package, with a runtime or without. */
  function machine(isInstalled: boolean, more: Partial<Machine> = {}): Machine {
    const folder = mkdtempSync(join(tmpdir(), 'slot-electron-'));
    if (isInstalled) {
      mkdirSync(join(folder, 'dist'));
      writeFileSync(join(folder, 'dist', 'electron'), '');
      writeFileSync(join(folder, 'path.txt'), 'electron');
    }
    return {
      env: { DISPLAY: ':0', PATH: process.env.PATH },
      platform: 'linux',
      isRoot: false,
      package: folder,
      ...more,
    };
  }

  it('is not even looked for without a display, nor as root on Linux', async () => {
    expect(await findRuntime(machine(true, { env: {} }))).toEqual({ reason: 'No display here' });
    const asRoot = machine(true, { isRoot: true });
    expect(await findRuntime(asRoot)).toEqual({ reason: expect.stringContaining('As root') });
    expect(await findRuntime({ ...asRoot, platform: 'darwin' })).toHaveProperty('executable');
  });

  it('is taken as it is where it is there', async () => {
    const installed = machine(true);
    expect(await findRuntime(installed)).toEqual({ executable: join(installed.package, 'dist', 'electron') });
  });

  it('that is half there counts as missing', async () => {
    const half = machine(false);
    writeFileSync(join(half.package, 'path.txt'), 'electron');
    expect(await findRuntime(half)).toHaveProperty('reason');
  });

  it('that fails at once leads to the browser; one that was closed does not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slot-run-'));
    const executable = (name: string, body: string) => {
      writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(folder, name), 0o755);
      return join(folder, name);
    };
    const reason = 'Electron could not open a window';
    expect(await runElectron(executable('fails', 'echo no sandbox >&2; exit 1'), ROOT)).toBe(reason);
    expect(await runElectron(executable('crashes', 'kill -TRAP $$'), ROOT)).toBe(reason);
    expect(await runElectron(join(folder, 'missing'), ROOT)).toBe(reason);
    expect(await runElectron(executable('closes', 'exit 0'), ROOT)).toBeNull();
    expect(
      await runElectron(executable('checks', '[ "$#" = 1 ] && [ -f "$1/package.json" ]'), ROOT),
    ).toBeNull();
  });
});

describe.skipIf(process.platform === 'win32')('Ctrl+C', () => {
  /** Tells of each signal that reaches it, and leaves at the second or a moment after the first, as Electron does. */
  function listener(exitCode: number): { executable: string; heard: () => string } {
    const folder = mkdtempSync(join(tmpdir(), 'slot-signal-'));
    const [executable, heard] = [join(folder, 'electron'), join(folder, 'heard')];
    const body =
      `trap 'echo INT >> "${heard}"; ends=1' INT\necho up >> "${heard}"\n` +
      `while [ -z "$ends" ]; do sleep 0.05; done\nsleep 0.3\nexit ${exitCode}\n`;
    writeFileSync(executable, `#!/bin/sh\n${body}`);
    chmodSync(executable, 0o755);
    return { executable, heard: () => (existsSync(heard) ? readFileSync(heard, 'utf8') : '') };
  }
  /** `npm start` around Electron, in a process group of its own as under a terminal. */
  function startAround(executable: string, platform: string) {
    const code =
      `import { runElectron } from ${JSON.stringify(join(ROOT, 'electron', 'runtime.ts'))};` +
      `console.log(JSON.stringify(await runElectron(${JSON.stringify(executable)}, '.', { platform: '${platform}' })));`;
    const file = join(mkdtempSync(join(tmpdir(), 'slot-around-')), 'main.mts');
    writeFileSync(file, code);
    const { execArgv } = sourceEntry(file);
    const child = spawn(process.execPath, [...execArgv, file], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    pids.push(child.pid!);
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    const ended = new Promise<string>((resolve) => child.on('close', () => resolve(out)));
    return { child, ended };
  }

  it.each([
    ['linux', 0],
    ['linux', 130],
    // There the console tells both, as it does here where both are in one group.
    ['win32', 3_221_225_786 % 256],
  ] as const)(
    'under Electron (%s, exit code %i) is heard once, and is no reason for the browser',
    async (platform, code) => {
      const { executable, heard } = listener(code);
      const { child, ended } = startAround(executable, platform);
      await expect.poll(heard, { timeout: 10_000 }).toBe('up\n');
      process.kill(-child.pid!, 'SIGINT');
      expect(await ended).toBe('null\n');
      expect(heard()).toBe('up\nINT\n');
    },
  );
});

describe('the build', () => {
  /** A repository with just enough for Vite. */
  function project(): string {
    const root = mkdtempSync(join(tmpdir(), 'slot-project-'));
    mkdirSync(join(root, 'renderer'));
    writeFileSync(join(root, 'renderer', 'index.html'), '<script type="module" src="./main.ts"></script>');
    writeFileSync(join(root, 'renderer', 'main.ts'), 'console.log(1);');
    writeFileSync(join(root, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(root, 'vite.config.ts'),
      "export default { root: 'renderer', build: { outDir: '../dist/renderer', emptyOutDir: true } };",
    );
    return root;
  }
  const touch = (path: string, seconds: number) => utimesSync(path, seconds, seconds);

  it('runs when there is none, and again only when a source changed', async () => {
    const root = project();
    expect(isFresh(root, WINDOW)).toBe(false);
    await buildIfStale(root, WINDOW);
    expect(isFresh(root, WINDOW)).toBe(true);
    const later = Date.now() / 1000 + 60;
    touch(join(root, 'renderer', 'main.ts'), later);
    expect(isFresh(root, WINDOW)).toBe(false);
    touch(join(root, 'renderer', 'main.ts'), 1);
    expect(isFresh(root, WINDOW)).toBe(true);
    cpSync(join(root, 'renderer', 'main.ts'), join(root, 'renderer', 'gone.ts'));
    rmSync(join(root, 'renderer', 'gone.ts'));
    touch(join(root, 'renderer'), later);
    expect(isFresh(root, WINDOW)).toBe(false);
  });

  it('that fails says so in one line', async () => {
    const root = project();
    writeFileSync(join(root, 'renderer', 'main.ts'), "import './no-such-file';");
    const failed = await buildIfStale(root, WINDOW).then(
      () => null,
      (error: Error) => error,
    );
    expect(failed).toMatchObject({ code: 'build-failed', hint: expect.stringContaining('npm run build') });
    expect(failed?.message).toMatch(/no-such-file/);
    expect(failed?.message).not.toContain('\n');
  });
});
