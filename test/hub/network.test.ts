/** The way to the hub: who hears the token, which way requests take, how long they wait, and whom nobody asks. */
import { expect, it, vi } from 'vitest';
import { Hosted, TOKEN } from './hosted';
import { TunnelProxy } from './proxy';

const hub = new Hosted();

it('tells the token to the endpoint and to nobody else', async () => {
  await hub.host({ token: TOKEN });
  const told = JSON.stringify(await hub.pull());
  expect(await hub.engine.query('models.list', {})).toMatchObject({ hub: { hasToken: true } });
  expect(hub.server.asked.some(({ side }) => side === 'cdn')).toBe(true);
  for (const { side, authorization } of hub.server.asked) {
    expect(authorization).toBe(side === 'hub' ? `Bearer ${TOKEN}` : undefined);
  }
  expect(told + JSON.stringify(await hub.engine.query('models.list', {}))).not.toContain(TOKEN);
});

it('asks nobody where it is offline', async () => {
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  await hub.host();
  expect(await hub.pull()).toMatchObject({ state: 'failed', problem: { kind: 'input', code: 'offline' } });
  await expect(hub.engine.query('models.search', { query: 'x', limit: 1 })).rejects.toMatchObject({
    code: 'offline',
  });
  expect(hub.server.asked).toEqual([]);
});

it('goes through the proxy that the environment names, and past it where it is told so', async () => {
  const proxy = await TunnelProxy.start();
  try {
    vi.stubEnv('HTTP_PROXY', proxy.address);
    await hub.host();
    expect(await hub.pull()).toMatchObject({ state: 'done' });
    expect(proxy.asked.length).toBeGreaterThan(0);
    await hub.engine.dispose();
    proxy.asked.length = 0;
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    hub.restart();
    expect(await hub.pull({ dtype: 'fp16' })).toMatchObject({ state: 'done' });
    expect(proxy.asked).toEqual([]);
  } finally {
    proxy.stop();
  }
});

it.each<[string, () => string]>([
  ['seconds', () => '1'],
  ['a date', () => new Date(Date.now() + 2000).toUTCString()],
])('waits as long as a busy server asks, in %s, and says so', async (_, retryAfter) => {
  await hub.host();
  hub.server.trouble = ({ side }, before) =>
    side === 'cdn' && before === 0 ? { status: 429, headers: { 'retry-after': retryAfter() } } : undefined;
  const waits: (string | undefined)[] = [];
  expect(await hub.pull({}, ({ problem }) => waits.push(problem?.hint))).toMatchObject({ state: 'done' });
  expect(waits).toContainEqual(expect.stringMatching(/^Trying again in [12] s\.$/));
});
