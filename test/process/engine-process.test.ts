/** Real engine processes, forked through tsx from another working directory, killed and restarted. */
import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EngineLink } from '../../engine/process/engine-link';
import { EngineProcess, type EngineProcessOptions } from '../../engine/process/engine-process';
import { childEnvironment, type EngineEntry } from '../../engine/process/launch';
import { descendants, Inbox, isAlive, openRequest, SCRIPTED, startRequest } from './support';

const running: EngineProcess[] = [];
afterEach(() => Promise.all(running.splice(0).map((engine) => engine.stop())));

function launch(options: EngineProcessOptions = {}) {
  const engine = new EngineProcess({ entry: SCRIPTED, ...options });
  running.push(engine);
  const inbox = new Inbox();
  return { engine, inbox, link: new EngineLink(engine, inbox.receive) };
}

async function script(name: string, source: string): Promise<EngineEntry> {
  const path = join(await mkdtemp(join(tmpdir(), 'slot-engine-')), name);
  writeFileSync(path, source);
  return { path, execArgv: [] };
}

describe('a process', () => {
  it('starts on the first request, whatever the working directory, and serves several clients', async () => {
    const home = process.cwd();
    process.chdir(tmpdir());
    const { engine, inbox, link } = launch();
    const otherInbox = new Inbox();
    const other = new EngineLink(engine, otherInbox.receive);
    expect(engine.pid).toBeUndefined();
    await Promise.all([link.send(openRequest(1)), other.send(openRequest(1, 'missing'))]);
    process.chdir(home);
    expect(await inbox.answer(1)).toMatchObject({ ok: true, result: { id: 'scripted' } });
    expect(await otherInbox.answer(1)).toMatchObject({ ok: false, error: { code: 'model-missing' } });
    await link.send(startRequest(2, 'a', 'tokens 3'));
    await other.send(startRequest(2, 'b', 'tokens 1'));
    await Promise.all([inbox.end('a'), otherInbox.end('b')]);
    expect(inbox.events('a').filter((event) => event.type === 'token')).toHaveLength(3);
    expect(inbox.events('b')).toEqual([]);
    expect(inbox.messages.filter((message) => message.kind === 'engine')).toEqual([
      { kind: 'engine', state: 'ready', detail: '' },
    ]);
  });

  it('answers hostile messages and stays alive', async () => {
    const { inbox, link } = launch();
    let deep: unknown = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    await link.send(deep);
    await link.send({ ...openRequest(5), params: deep });
    await link.send({ kind: 'request', id: 6, method: 'toString', params: {} });
    await link.send(null);
    expect(await inbox.answer(5)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    expect(await inbox.answer(6)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    await link.send(openRequest(7));
    expect(await inbox.answer(7)).toMatchObject({ ok: true });
    expect(inbox.messages.filter((m) => m.kind === 'response' && m.id === -1)).toHaveLength(2);
  });

  it('does not inherit what would change it', async () => {
    process.env.ELECTRON_RUN_AS_NODE = '1';
    process.env.LD_PRELOAD_NOT = 'kept';
    const { inbox, link } = launch();
    await link.send(startRequest(1, 'a', 'env'));
    const notice = await inbox.event('a', 'notice');
    delete process.env.ELECTRON_RUN_AS_NODE;
    delete process.env.LD_PRELOAD_NOT;
    const seen = JSON.parse(notice.type === 'notice' ? notice.message : '{}') as Record<string, string>;
    expect(seen.ELECTRON_RUN_AS_NODE).toBeUndefined();
    expect(seen.LD_PRELOAD_NOT).toBe('kept');
    expect(
      childEnvironment({ node_options: '--inspect', LD_PRELOAD: 'x', LD_LIBRARY_PATH: '/cuda' }),
    ).toEqual({
      LD_LIBRARY_PATH: '/cuda',
    });
  });
});

it('has a bound to what its files can make it allocate', async () => {
  const { inbox, link } = launch();
  await link.send(startRequest(1, 'a', 'heap'));
  const notice = await inbox.event('a', 'notice');
  const bytes = notice.type === 'notice' ? Number(notice.message) : Number.NaN;
  // The young generation comes on top.
  expect(bytes).toBeLessThanOrEqual(2.25 * 2 ** 30);
  expect(bytes).toBeGreaterThanOrEqual(2 * 2 ** 30);
});

describe.skipIf(process.platform === 'win32')('a process that is stopped by a signal', () => {
  const heartbeat = { every: 20, silentAfter: 60 };
  const silence = (inbox: Inbox, from = 0) =>
    inbox.until((m) => m.kind === 'engine' && m.state === 'silent', from);

  it('is silent to every client, and to one that comes later, until it goes on', async () => {
    const { engine, inbox, link } = launch({ heartbeat });
    await link.send(openRequest(1));
    await inbox.answer(1);
    process.kill(engine.pid!, 'SIGSTOP');
    expect(await silence(inbox)).toEqual({ kind: 'engine', state: 'silent', forMs: 60 });
    const later = new Inbox();
    new EngineLink(engine, later.receive);
    await silence(later);
    const from = inbox.messages.length;
    process.kill(engine.pid!, 'SIGCONT');
    await inbox.engine('ready', from);
    await link.send(openRequest(2));
    expect(await inbox.answer(2)).toMatchObject({ ok: true });
    expect(inbox.messages.filter((m) => m.kind === 'engine' && m.state === 'exited')).toEqual([]);
  });

  it('is killed by a restart, which one client asks for and every client hears of', async () => {
    const { engine, inbox, link } = launch({ heartbeat });
    const otherInbox = new Inbox();
    const other = new EngineLink(engine, otherInbox.receive);
    await link.send(startRequest(1, 'a', 'tokens 100000'));
    await inbox.event('a', 'token');
    const first = engine.pid!;
    process.kill(first, 'SIGSTOP');
    // Neither is heard.
    const unheard = Promise.all([link.send(startRequest(2, 'b', 'tokens 1')), link.send(openRequest(3))]);
    await other.send({ kind: 'restart' });
    await unheard;
    expect(isAlive(first)).toBe(false);
    expect(await inbox.end('a')).toMatchObject({ type: 'run.failed', message: 'The engine was restarted.' });
    expect(await inbox.answer(3)).toMatchObject({ ok: false, error: { code: 'engine-exited' } });
    const exited = { kind: 'engine', state: 'exited', detail: 'The engine was restarted.' };
    expect(await otherInbox.engine('exited')).toEqual(exited);
    await link.send(startRequest(4, 'b', 'tokens 2'));
    expect(await inbox.end('b')).toMatchObject({ type: 'run.done' });
  });

  it('is restarted in mid-launch, too', async () => {
    const { engine, inbox, link } = launch({ stopTimeout: 200 });
    const started = engine.start().catch(() => {});
    process.kill(engine.pid!, 'SIGSTOP');
    await engine.restart();
    await started;
    await link.send(openRequest(1));
    expect(await inbox.answer(1)).toMatchObject({ ok: true });
  });
});

describe('its end', () => {
  it('by SIGKILL in mid-run fails the run and what waits, then restarts on demand', async () => {
    const { engine, inbox, link } = launch();
    await link.send(startRequest(1, 'a', 'tokens 100000'));
    await inbox.event('a', 'token');
    await link.send(openRequest(2, 'slow'));
    const first = engine.pid!;
    process.kill(first, 'SIGKILL');
    expect(await inbox.engine('exited')).toMatchObject({ detail: expect.stringContaining('out of memory') });
    expect(await inbox.end('a')).toMatchObject({
      type: 'run.failed',
      code: 'engine-exited',
      message: expect.stringContaining('killed'),
      hint: expect.stringContaining('Run again'),
    });
    expect(await inbox.answer(2)).toMatchObject({ ok: false, error: { code: 'engine-exited' } });
    expect(engine.pid).toBeUndefined();

    const from = inbox.messages.length;
    await link.send(startRequest(3, 'b', 'tokens 2'));
    expect(await inbox.end('b')).toMatchObject({ type: 'run.done' });
    expect(inbox.messages[from]).toEqual({ kind: 'engine', state: 'ready', detail: '' });
    expect(engine.pid).not.toBe(first);
    expect(inbox.events('a').at(-1)).toMatchObject({ type: 'run.failed' });
  });

  it('by an exception names the error without its stack', async () => {
    const { inbox, link } = launch();
    await link.send(startRequest(1, 'a', 'crash'));
    expect(await inbox.end('a')).toMatchObject({
      type: 'run.failed',
      message: 'The engine process ended with code 1: TypeError: scripted crash',
    });
  });

  it('before it could answer is told as a launch that failed', async () => {
    const entry = await script('broken.mjs', "import 'no-such-package';");
    const { inbox, link } = launch({ entry });
    await link.send(openRequest(1));
    expect(await inbox.answer(1)).toMatchObject({
      ok: false,
      error: {
        code: 'engine-exited',
        message: expect.stringMatching(/could not start: Error.*no-such-package/),
      },
    });
    await link.send(openRequest(2));
    expect(await inbox.answer(2)).toMatchObject({ ok: false });
  });

  it('is a launch that failed too when it never answers', async () => {
    const entry = await script('mute.mjs', 'setInterval(() => {}, 1000);');
    const { engine } = launch({ entry, launchTimeout: 300 });
    await expect(engine.start()).rejects.toMatchObject({ code: 'engine-unavailable' });
    expect(engine.pid).toBeUndefined();
  });

  it('comes gently when asked, and leaves no child behind', async () => {
    const { engine } = launch();
    await engine.start();
    const pids = [engine.pid!, ...descendants(engine.pid!)];
    await engine.stop();
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    await expect(engine.start()).rejects.toMatchObject({ code: 'engine-stopped' });
  });

  it('is forced upon a process that hangs', async () => {
    const entry = await script(
      'deaf.mjs',
      "process.on('SIGTERM', () => {}); process.send({ type: 'ready' }); setTimeout(() => { for (;;); }, 50);",
    );
    const { engine } = launch({ entry, stopTimeout: 300 });
    await engine.start();
    const pid = engine.pid!;
    await new Promise((resolve) => setTimeout(resolve, 100));
    await engine.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('may be followed by a new start at once', async () => {
    const { engine } = launch();
    await engine.start();
    const first = engine.pid;
    const stopped = engine.restart();
    await engine.start();
    await stopped;
    expect(engine.pid).not.toBe(first);
    expect(isAlive(engine.pid!)).toBe(true);
  });
});
