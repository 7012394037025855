/** The command as a real process: its one line, its options, and that nothing stays behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { sourceEntry } from '../../engine/process/launch';
import { hasDisplay } from '../../engine/serve/browser';
import { descendants, isAlive, startRequest } from '../process/support';
import { builtWindow, enter, open } from './support';

const MAIN = fileURLToPath(new URL('../../engine/serve/main.ts', import.meta.url));
const SCRIPTED_MAIN = fileURLToPath(new URL('./fixtures/main.ts', import.meta.url));

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(file: string, ...args: string[]) {
  return startIn({}, file, ...args);
}

function startIn(env: NodeJS.ProcessEnv, file: string, ...args: string[]) {
  return startBy([], env, file, ...args);
}

/** @param launcher a command that the process is started by */
function startBy(launcher: readonly string[], env: NodeJS.ProcessEnv, file: string, ...args: string[]) {
  const { execArgv } = sourceEntry(file);
  const [command, ...rest] = [...launcher, process.execPath, ...execArgv, file, ...args];
  const child = spawn(command!, rest, {
    cwd: tmpdir(),
    env: { ...process.env, ...env },
    stdio: 'pipe',
  });
  started.push(child);
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.err += text;
  });
  const ended = new Promise<number | string | null>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  return { child, output, ended };
}

async function startScripted() {
  const { child, output, ended } = start(SCRIPTED_MAIN, builtWindow());
  await expect.poll(() => output.out, { timeout: 20_000 }).toContain('\n');
  const url = new URL(/http:\S+/.exec(output.out)![0]);
  return { child, output, ended, port: Number(url.port), token: url.searchParams.get('token') ?? '' };
}

describe('serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'prints one line, serves, and on %s leaves at once with all it started',
    async (signal) => {
      const { child, output, ended, port, token } = await startScripted();
      expect((await enter(port, `/?token=${token}`)).status).toBe(200);
      const { inbox, say, closed } = await open({ port, token });
      say(startRequest(1, 'a', 'hang'));
      await inbox.event('a', 'run.started');
      const pids = descendants(child.pid!);
      expect(pids.length).toBeGreaterThan(0);
      child.kill(signal);
      expect(await closed).toMatchObject({ code: 1001 });
      expect(await ended).toBe(0);
      await expect.poll(() => pids.filter(isAlive)).toEqual([]);
      expect(output.out.trimEnd().split('\n')).toHaveLength(1);
      expect(output.err).toBe('');
    },
  );

  it('killed outright takes its engine along', async () => {
    const { child, port, token } = await startScripted();
    const { inbox, say } = await open({ port, token });
    say(startRequest(1, 'a', 'hang'));
    await inbox.event('a', 'run.started');
    const pids = descendants(child.pid!);
    expect(pids.length).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([]);
  });

  it.each([
    [
      ['--port', 'x'],
      '--port x: not a port number. Known options: --port <0 to 65535>, --no-open. [bad-option]\n',
    ],
    [['--port', '65536'], /not a port number/],
    [['--port', '-1'], /--port/],
    [['--colour'], /Unknown option '--colour'.* Known options: /],
    [['model'], /Unexpected argument 'model'/],
  ])('refuses %j in one line', async (args, message) => {
    const { output, ended } = start(MAIN, ...args);
    expect(await ended).toBe(2);
    expect(output.err).toMatch(message);
    expect(output.err.trimEnd().split('\n')).toHaveLength(1);
    expect(output.out).toBe('');
  });
});

describe.skipIf(process.platform !== 'linux')('the browser', () => {
  it('is started with a file that only this user can read, and that is gone once it has been followed', async () => {
    const home = mkdtempSync(join(tmpdir(), 'slot-home-'));
    const started = join(home, 'started');
    // Where xdg-open is looked for first.
    writeFileSync(
      join(home, 'xdg-open'),
      `#!/bin/sh\necho "$*" > "${started}.part"; mv "${started}.part" "${started}"\n`,
    );
    chmodSync(join(home, 'xdg-open'), 0o755);
    const env = { HOME: home, PATH: `${home}:${process.env.PATH}`, DISPLAY: ':0' };
    const { child, output, ended } = startIn(env, SCRIPTED_MAIN, builtWindow(), 'open');
    await expect.poll(() => existsSync(started), { timeout: 20_000 }).toBe(true);
    const seen = readFileSync(started, 'utf8').trim();
    expect(seen).toMatch(/^file:\/\/\S+\.html$/);
    const file = fileURLToPath(seen);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    // Sandboxed browsers see no hidden folders.
    expect(relative(home, file)).toMatch(/^slot-studio-/);

    const [, url = ''] = /content="0; url=(http:[^"]+)"/.exec(readFileSync(file, 'utf8')) ?? [];
    const { port, pathname, search } = new URL(url);
    const page = await enter(Number(port), pathname + search);
    const token = new URL(/http:\S+/.exec(output.out)![0]).searchParams.get('token')!;
    expect(page.body).toContain(token);
    expect(seen + search).not.toContain(token);
    await expect.poll(() => existsSync(dirname(file))).toBe(false);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('that never comes leaves no file behind', async () => {
    const home = mkdtempSync(join(tmpdir(), 'slot-home-'));
    const env = { HOME: home, PATH: '', DISPLAY: ':0' };
    const { child, output, ended } = startIn(env, SCRIPTED_MAIN, builtWindow(), 'open');
    await expect.poll(() => readdirSync(home), { timeout: 20_000 }).toHaveLength(1);
    await expect.poll(() => output.out).toContain('http:');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  });

  it('is left to the user where its file cannot be written', async () => {
    const home = mkdtempSync(join(tmpdir(), 'slot-home-'));
    const full = ['sh', '-c', 'ulimit -f 0; exec "$@"', 'sh'];
    const env = { HOME: home, PATH: process.env.PATH, DISPLAY: ':0', TSX_DISABLE_CACHE: '1' };
    const { child, output, ended } = startBy(full, env, SCRIPTED_MAIN, builtWindow(), 'open');
    await expect.poll(() => output.out, { timeout: 20_000 }).toContain('http:');
    const { port, searchParams } = new URL(/http:\S+/.exec(output.out)![0]);
    expect((await enter(Number(port), `/?token=${searchParams.get('token')}`)).status).toBe(200);
    child.kill('SIGTERM');
    expect([await ended, output.err, readdirSync(home)]).toEqual([0, '', []]);
  });
});

describe('a display', () => {
  it.each([
    ['linux', {}, false],
    ['linux', { DISPLAY: ':0' }, true],
    ['linux', { DISPLAY: '' }, false],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
    ['darwin', {}, true],
    ['darwin', { SSH_CONNECTION: '::1 1 ::1 22' }, false],
    ['win32', {}, true],
  ] as const)('on %s with %j: %s', (platform, env, expected) => {
    expect(hasDisplay(env, platform)).toBe(expected);
  });
});
