import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { Hosted, TOKEN } from './hosted';

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
  let tunnels = 0;
  const proxy = createServer();
  proxy.on('connect', (request, client: Socket) => {
    tunnels++;
    const [name, port] = request.url!.split(':');
    const target = connect(Number(port), name, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    await hub.host();
    expect(await hub.pull()).toMatchObject({ state: 'done' });
    expect(tunnels).toBeGreaterThan(0);
    await hub.engine.dispose();
    tunnels = 0;
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    hub.restart();
    expect(await hub.pull({ dtype: 'fp16' })).toMatchObject({ state: 'done' });
    expect(tunnels).toBe(0);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});
