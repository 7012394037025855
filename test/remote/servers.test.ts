/** The list of servers: kept without keys, each with how it stands. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServerKeys } from '../../engine/remote/keys';
import { Servers } from '../../engine/remote/servers';
import { temporaryFolder } from '../../fixtures/runs';
import { error, FakeLlama } from './fake';

const folder = temporaryFolder();
const { signal } = new AbortController();
let fake: FakeLlama;

beforeAll(async () => {
  fake = await FakeLlama.start({ d: 16, vocab: 300, next: () => new Map() });
});
afterAll(() => fake.stop());

const servers = (keys = new ServerKeys({})) => new Servers(folder, keys);

it('keeps a server that answers, for the next start too, and never its key', async () => {
  const own = servers();
  const status = await own.add({ address: fake.address, head: '/models/a.gguf', key: 'secret' }, signal);
  expect(status).toMatchObject({ about: { engine: 'llama.cpp', slots: 2, longestRead: 128 }, problem: null });
  expect(status.latency).toBeGreaterThan(0);
  expect(fake.asked.every(({ authorization }) => authorization === 'Bearer secret')).toBe(true);
  expect(own.list().servers).toEqual([{ address: fake.address, head: '/models/a.gguf', hasKey: true }]);
  expect(servers().list().servers).toEqual([
    { address: fake.address, head: '/models/a.gguf', hasKey: false },
  ]);
  expect(readFileSync(join(folder, 'servers.json'), 'utf8')).not.toContain('secret');
});

it('keeps none that does not answer as it should, and no key for it', async () => {
  const other = await FakeLlama.start({ d: 16, vocab: 300, next: () => new Map() });
  other.fault = ({ authorization }) => (authorization ? error(401, 'Invalid API Key') : undefined);
  const own = servers();
  const adding = own.add({ address: other.address, head: '/models/a.gguf', key: 'wrong' }, signal);
  await expect(adding).rejects.toMatchObject({ code: 'server-key' });
  expect(own.list().servers.map(({ address }) => address)).not.toContain(other.address);
  expect((await own.status(other.address, signal)).problem).toBeNull();
  await other.stop();
});

it('says of one that is gone what is wrong, and keeps it until it is forgotten', async () => {
  const other = await FakeLlama.start({ d: 16, vocab: 300, next: () => new Map() });
  const { address } = other;
  const own = servers();
  await own.add({ address, head: 'b', key: null }, signal);
  await other.stop();
  expect(await own.status(address, signal)).toMatchObject({
    about: null,
    latency: null,
    problem: { code: 'server-unreachable' },
  });
  expect(own.list().servers.map((entry) => entry.address)).toEqual([fake.address, address]);
  own.forget(address);
  expect(
    servers()
      .list()
      .servers.map((entry) => entry.address),
  ).toEqual([fake.address]);
});
