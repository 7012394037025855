/** The supervisor over children that the test plays itself: what no real process can be made to do at will. */
import { expect, it } from 'vitest';
import type { ToEngineProcess } from '../../engine/process/process-messages';
import { type ChildListener, type EngineExit, EngineSupervisor } from '../../engine/process/supervisor';

function start(kill: (listener: ChildListener) => void) {
  const children: { listener: ChildListener; heard: ToEngineProcess['type'][] }[] = [];
  const told: (EngineExit | 'ready' | 'silent')[] = [];
  const life = new EngineSupervisor(
    (listener) => {
      const heard: ToEngineProcess['type'][] = [];
      children.push({ listener, heard });
      queueMicrotask(() => listener.onMessage({ type: 'ready' }));
      return {
        pid: children.length,
        post: async ({ type }) => void heard.push(type),
        kill: () => kill(listener),
      };
    },
    {
      onReady: () => told.push('ready'),
      onSilence: () => told.push('silent'),
      onExit: (exit) => told.push(exit),
      onMessage: () => {},
    },
    { stopTimeout: 20, heartbeat: { every: 5, silentAfter: 20 } },
  );
  return { life, children, told };
}

it('leaves a process behind that outlives even the kill, and what that one still says is nobody’s', async () => {
  const { life, children, told } = start(() => {});
  await life.start();
  await life.restart();
  expect(life.pid).toBe(2);
  children[0]?.listener.onMessage({ type: 'pong' });
  children[0]?.listener.onEnd({ code: 0, signal: null, stderr: '' });
  expect(life.pid).toBe(2);
  const exits = told.filter((each) => typeof each === 'object');
  expect(exits).toEqual([{ reason: 'restarted', detail: 'The engine was restarted.' }]);
  await life.stop();
  expect(life.pid).toBeUndefined();
  await expect(life.start()).rejects.toMatchObject({ code: 'engine-stopped' });
});

it('asks once until it is answered, takes any message for an answer, and does not ask a silent one to stop', async () => {
  const { life, children, told } = start((listener) =>
    listener.onEnd({ code: null, signal: 'SIGKILL', stderr: '' }),
  );
  await life.start();
  await expect.poll(() => life.silentMs).toBeGreaterThan(0);
  expect(children[0]?.heard).toEqual(['ping']);
  expect(told).toEqual(['ready', 'silent']);
  children[0]?.listener.onMessage({
    type: 'client.message',
    client: 0,
    message: { kind: 'response', id: 1, ok: true },
  });
  expect(life.silentMs).toBe(0);
  expect(told).toEqual(['ready', 'silent', 'ready']);
  await expect.poll(() => life.silentMs).toBeGreaterThan(0);
  await life.stop();
  expect(children[0]?.heard).not.toContain('stop');
  expect(told.at(-1)).toEqual({ reason: 'stopped', detail: 'The engine process was stopped.' });
});
