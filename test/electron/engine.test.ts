/** The engine under the desktop shell, end to end: the bundled preload, real processes, real ports. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineError, RunEvent } from '../../engine/protocol';
import { createEngineClient, type EngineClient, type EngineState } from '../../renderer/engine/engine-client';
import { portTransport } from '../../renderer/engine/port-transport';
import { isAlive, startRequest } from '../process/support';
import { app } from './stand-in/electron';
import { world } from './stand-in/world';
import { bridge, page, startDesktop } from './support';

type PageWindow = Parameters<typeof portTransport>[0];

let client: EngineClient;
const states: EngineState[] = [];
const events = new Map<string, RunEvent[]>();

const enginePid = () => world.utilityProcesses.at(-1)!.pid;
const state = () => states.at(-1)!.state;

/** As the page does when it has loaded. */
function connect(): void {
  client = createEngineClient(portTransport(page().window as unknown as PageWindow));
  client.onEngineState((next) => states.push(next));
  client.onEvent((runId, event) => events.set(runId, [...(events.get(runId) ?? []), event]));
}

function run(runId: string, script: string): Promise<unknown> {
  const { config } = startRequest(0, runId, script).params;
  return client.request('run.start', { runId, config: config as never });
}

let end: () => Promise<void>;
beforeAll(async () => {
  end = await startDesktop();
});
afterAll(async () => {
  client.close();
  await end();
});

describe('the engine', () => {
  it('is not started before the page asks', () => {
    expect(world.utilityProcesses).toEqual([]);
  });

  it('answers the page through a port of its own, and streams to it', async () => {
    connect();
    await expect.poll(state, { timeout: 10_000 }).toBe('ready');
    expect(await client.request('model.open', { folder: null })).toMatchObject({ id: 'scripted' });
    await expect(client.request('model.open', { folder: 'missing' })).rejects.toMatchObject({
      code: 'model-missing',
    });
    await run('a', 'tokens 4');
    await expect.poll(() => events.get('a')?.at(-1)?.type).toBe('run.done');
    expect(events.get('a')).toHaveLength(6);
    const [process] = world.utilityProcesses;
    expect(process?.options).toMatchObject({
      serviceName: 'SLOT Studio engine',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    expect(process?.options.env).not.toHaveProperty('NODE_OPTIONS');
  });

  it('when killed in mid-run: the page is told why, and a request starts it anew behind a fresh port', async () => {
    await run('b', 'tokens 100000');
    await expect.poll(() => events.get('b')?.at(-1)?.type).toBe('token');
    const pid = enginePid();
    process.kill(pid, 'SIGKILL');
    await expect.poll(state).toBe('exited');
    expect(states.at(-1)?.detail).toContain('ran out of memory');
    // As in a browser: a request brings the engine back.
    expect(await client.request('model.open', {})).toMatchObject({ id: 'scripted' });
    expect(state()).toBe('ready');
    expect(enginePid()).not.toBe(pid);
    await run('c', 'tokens 1');
    await expect.poll(() => events.get('c')?.at(-1)?.type).toBe('run.done');
  });

  it('can be restarted by the user in mid-run', async () => {
    await run('d', 'hang');
    const pid = enginePid();
    await bridge().restartEngine();
    expect(isAlive(pid)).toBe(false);
    await expect
      .poll(
        async () =>
          client.request('model.open', {}).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    expect(enginePid()).not.toBe(pid);
    expect(state()).toBe('ready');
  });

  it('that hangs is told to the page, and restarted all the same', async () => {
    await run('hung', 'tokens 100000');
    await expect.poll(() => events.get('hung')?.at(-1)?.type).toBe('token');
    const pid = enginePid();
    process.kill(pid, 'SIGSTOP');
    await expect.poll(() => states.at(-1)?.silentSince, { timeout: 10_000 }).toBeTypeOf('number');
    expect(state()).toBe('ready');
    const unheard = client.request('run.cancel', { runId: 'hung' });
    await Promise.all([
      expect(unheard).rejects.toMatchObject({ code: 'engine-exited' }),
      bridge().restartEngine(),
    ]);
    expect(isAlive(pid)).toBe(false);
    expect(states.map((each) => each.detail)).toContain('The engine was restarted.');
    await expect.poll(state).toBe('ready');
    expect(states.at(-1)?.silentSince).toBeNull();
    await run('after', 'tokens 1');
    await expect.poll(() => events.get('after')?.at(-1)?.type).toBe('run.done');
  });

  it('that is silent for a while and goes on keeps its port and its runs', async () => {
    await run('paused', 'hang');
    const pid = enginePid();
    process.kill(pid, 'SIGSTOP');
    await expect.poll(() => states.at(-1)?.silentSince, { timeout: 10_000 }).toBeTypeOf('number');
    process.kill(pid, 'SIGCONT');
    await expect.poll(() => states.at(-1)?.silentSince).toBeNull();
    await client.request('run.cancel', { runId: 'paused' });
    await expect.poll(() => events.get('paused')?.at(-1)?.type).toBe('run.cancelled');
  });

  it("is not blamed for another process's end", async () => {
    const other = { type: 'Utility', reason: 'oom', exitCode: 9, name: 'Network Service' };
    app.emit('child-process-gone', {}, other);
    // The engine ends by itself: of that Electron tells no reason.
    process.kill(enginePid(), 'SIGTERM');
    await expect.poll(state).toBe('exited');
    expect(states.at(-1)?.detail).not.toContain('memory');
    expect(await client.request('model.open', {})).toMatchObject({ id: 'scripted' });
  });

  it('can be restarted after it died, too', async () => {
    process.kill(enginePid(), 'SIGKILL');
    await expect.poll(state).toBe('exited');
    await bridge().restartEngine();
    await expect.poll(state, { timeout: 10_000 }).toBe('ready');
    expect(await client.request('model.open', {})).toMatchObject({ id: 'scripted' });
  });

  it('gives a page that was reloaded a port of its own, and cancels the runs of the old one', async () => {
    await run('e', 'hang');
    const pid = enginePid();
    client.close();
    connect();
    await expect.poll(state).toBe('ready');
    const again = async () =>
      run('e', 'silent').then(
        () => 'begun',
        (error: EngineError) => error.code,
      );
    await expect.poll(again).toBe('begun');
    expect(enginePid()).toBe(pid);
  });

  it('ignores what other origins and other scripts post to the window', async () => {
    const before = states.length;
    page().window.postMessage({ type: 'slot-studio:renderer-ready' }, 'https://evil.example');
    page().window.postMessage({ type: 'slot-studio:engine-restart' }, 'app://slot-studio');
    page().window.postMessage('slot-studio:renderer-ready', 'app://slot-studio');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(states.length).toBe(before);
  });
});

describe('quitting', () => {
  it('waits for the engine, a hung one too', async () => {
    const pid = enginePid();
    process.kill(pid, 'SIGSTOP');
    world.hasQuit = false;
    app.quit();
    app.quit();
    expect(world.hasQuit).toBe(false);
    await expect.poll(() => world.hasQuit, { timeout: 10_000 }).toBe(true);
    expect(isAlive(pid)).toBe(false);
  });
});
