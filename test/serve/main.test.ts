/** The command as a real process: its one line, its options, and that nothing stays behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { sourceEntry } from '../../engine/process/launch';
import { hasDisplay } from '../../engine/serve/browser';
import { descendants, isAlive, startRequest } from '../process/support';
import { builtWindow, get, open } from './support';

const MAIN = fileURLToPath(new URL('../../engine/serve/main.ts', import.meta.url));
const SCRIPTED_MAIN = fileURLToPath(new URL('./fixtures/main.ts', import.meta.url));

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(file: string, ...args: string[]) {
  const { execArgv } = sourceEntry(file);
  const child = spawn(process.execPath, [...execArgv, file, ...args], { cwd: tmpdir(), stdio: 'pipe' });
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
      expect((await get(port, `/?token=${token}`)).status).toBe(200);
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
    [['--port', 'x'], '--port x: not a port number. Known options: --port <0 to 65535>, --no-open.\n'],
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
