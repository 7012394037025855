/** Downloads from a hub-shaped server: what arrives, what is kept of what does not, and who hears the token. */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEngine, type Engine } from '../../engine/engine';
import type { Params, Pull } from '../../engine/protocol';
import { writeDecoder } from '../models/decoder';
import { openModel, temporaryFolder } from '../models/runs';
import { filesBelow } from './cached';
import { pullToEnd } from './pulls';
import { type HostedRepo, HubServer } from './server';

const folder = temporaryFolder();
const cache = join(folder, 'hub');
const ID = 'some-org/tiny';
const REPO = join(cache, 'models--some-org--tiny');
const TOKEN = 'hf_secret';

const { folder: model } = writeDecoder(join(folder, 'model'), { weights: 'split', contextLength: 64 });
writeDecoder(model, { suffix: '_fp16', dtype: 'float16', contextLength: 64 });
const size = (path: string) => lstatSync(join(model, path)).size;

let server: HubServer;
let engine: Engine;

beforeEach(() => {
  rmSync(cache, { recursive: true, force: true });
  rmSync(join(folder, 'data'), { recursive: true, force: true });
  vi.stubEnv('HF_HUB_CACHE', cache);
  vi.stubEnv('HF_TOKEN', TOKEN);
});

afterEach(async () => {
  await engine.dispose();
  await server.stop();
  vi.unstubAllEnvs();
});

async function host(repo: Partial<HostedRepo> = {}): Promise<void> {
  server = await HubServer.start({ [ID]: { folder: model, ...repo } });
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  engine = createEngine({ dataFolder: join(folder, 'data') });
}

const pull = (asked: Partial<Params<'models.pull'>> = {}, onProgress?: (pull: Pull) => void) =>
  pullToEnd(engine, { id: ID, ...asked }, onProgress);

const partials = () => filesBelow(cache).filter((path) => path.endsWith('.incomplete'));

it('brings what a run needs and no more, laid out as the hub lays it out', async () => {
  await host();
  const done = await pull();
  expect(done).toMatchObject({ state: 'done', problem: null, bytesPerSecond: null });
  const snapshot = join(REPO, 'snapshots', readFileSync(join(REPO, 'refs', 'main'), 'utf8'));
  const files = filesBelow(snapshot);
  expect(files).toEqual(filesBelow(model).filter((path) => !path.includes('fp16')));
  expect(done.files.map(({ path }) => path).sort()).toEqual(files);
  for (const file of files) {
    expect(readFileSync(join(snapshot, file))).toEqual(readFileSync(join(model, file)));
    expect(lstatSync(join(snapshot, file)).isSymbolicLink()).toBe(true);
  }
  // Small files by git's hash, LFS files by their sha256: the etags by which every other tool finds them.
  expect(readdirSync(join(REPO, 'blobs')).every((name) => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name))).toBe(
    true,
  );
  expect((await openModel(engine, ID)).contextLength).toBe(64);
  // A second pull asks what there is, and downloads nothing.
  const served = server.served();
  expect(await pull()).toMatchObject({ state: 'done' });
  expect(server.served()).toBe(served);
});

it('brings one dtype after the other, and deletes one without the other', async () => {
  await host();
  await pull({ dtype: 'fp16' });
  const before = server.served();
  await pull({ dtype: 'fp32' });
  // The configs are shared.
  const weights = ['', '_data', '_data_1', '_data_2'].map((end) => size(`onnx/model.onnx${end}`));
  expect(server.served() - before).toBe(weights.reduce((sum, bytes) => sum + bytes));
  expect((await openModel(engine, ID)).dtypes.sort()).toEqual(['fp16', 'fp32']);
  const { freed } = await engine.query('models.remove', { id: ID, dtype: 'fp16' });
  expect(freed).toBe(size('onnx/model_fp16.onnx'));
  expect((await openModel(engine, ID)).dtypes).toEqual(['fp32']);
  await engine.query('models.remove', { id: ID, dtype: 'fp32' });
  expect(existsSync(REPO)).toBe(false);
});

it('goes on after cuts, refusals that pass and servers without ranges, byte for byte', async () => {
  await host();
  server.trouble = ({ side, url }, before) => {
    if (url.includes('/resolve/') && url.endsWith('config.json') && before === 0) return { status: 503 };
    if (url.includes('/tree/') && before === 0) return { status: 429, headers: { 'retry-after': '0' } };
    if (side !== 'cdn') return undefined;
    if (url.includes('model.onnx_data_1')) return before === 0 ? { cutAfter: 1000 } : { ignoreRange: true };
    return before < 2 ? { cutAfter: 1000 } : undefined;
  };
  const seen: Pull[] = [];
  expect(await pull({}, (now) => seen.push(now))).toMatchObject({ state: 'done' });
  expect(seen.some(({ problem }) => problem?.hint.startsWith('Trying again'))).toBe(true);
  // Resumed twice after 1000 bytes; without ranges, sent anew.
  expect(server.served('model.onnx_data')).toBe(size('onnx/model.onnx_data'));
  expect(server.served('model.onnx_data_1')).toBe(1000 + size('onnx/model.onnx_data_1'));
  await openModel(engine, ID);
});

it('keeps nothing of what does not match its checksum', async () => {
  await host();
  const wrong = readFileSync(join(model, 'onnx', 'model.onnx_data_2'));
  wrong[500]! ^= 1;
  server.trouble = ({ side, url }) =>
    side === 'cdn' && url.includes('_data_2') ? { content: wrong } : undefined;
  const failed = await pull();
  expect(failed).toMatchObject({ state: 'failed', problem: { kind: 'failure', code: 'wrong-content' } });
  expect(failed.problem?.message).toContain('onnx/model.onnx_data_2');
  expect(failed.files.find(({ path }) => path.endsWith('_data_2'))).toMatchObject({ done: 0 });
  expect(existsSync(join(REPO, 'snapshots'))).toBe(false);
  expect(existsSync(join(REPO, 'refs'))).toBe(false);
  const { models, pulls } = await engine.query('models.list', {});
  expect(models.map(({ name }) => name)).toEqual(['starter']);
  expect(pulls).toMatchObject([{ id: ID, state: 'failed' }]);
  server.trouble = () => undefined;
  expect(await pull()).toMatchObject({ state: 'done' });
  expect((await engine.query('models.list', {})).pulls).toEqual([]);
});

it.each<[string, string, Record<string, string>]>([
  ['another size', 'x-linked-size', { 'x-linked-size': '1' }],
  ['another checksum', 'x-linked-etag', { 'x-linked-etag': `"${'0'.repeat(64)}"` }],
  ['another commit', 'x-repo-commit', { 'x-repo-commit': 'f'.repeat(40) }],
])('refuses %s before the download, by %s', async (_what, _header, headers) => {
  await host();
  server.trouble = ({ side, url }) =>
    side === 'hub' && url.endsWith('model.onnx_data') ? { headers } : undefined;
  expect(await pull()).toMatchObject({ state: 'failed', problem: { code: 'wrong-content' } });
  expect(server.served('model.onnx_data')).toBe(0);
});

it('refuses content longer than was said', async () => {
  await host();
  server.trouble = ({ side, url }) =>
    side === 'cdn' && url.includes('_data_2') ? { content: Buffer.alloc(10_000_000) } : undefined;
  expect(await pull()).toMatchObject({ state: 'failed', problem: { code: 'wrong-content' } });
  expect(partials().filter((path) => lstatSync(join(cache, path)).size > 1_000_000)).toEqual([]);
});

it('pauses, says how far it is after a restart, and goes on from there', async () => {
  await host();
  server.trouble = ({ side, url }, before) =>
    side === 'cdn' && url.endsWith('onnx_data?signature=secret') && before === 0
      ? { stallAfter: 2000 }
      : undefined;
  const paused = await pull({}, ({ pullId, files }) => {
    const stalled = files.find(({ path }) => path.endsWith('onnx_data'));
    const others = files.filter((file) => file !== stalled);
    if (stalled?.done === 2000 && others.every(({ done, bytes }) => done === bytes)) {
      void engine.query('models.pause', { pullId });
    }
  });
  expect(paused).toMatchObject({ state: 'paused', done: paused.bytes - size('onnx/model.onnx_data') + 2000 });
  await engine.dispose();
  engine = createEngine({ dataFolder: join(folder, 'data') });
  expect((await engine.query('models.list', {})).pulls).toEqual([paused]);
  expect(await pull()).toMatchObject({ state: 'done' });
  expect(server.asked.at(-1)?.range).toBe('bytes=2000-');
  expect(partials()).toEqual([]);
});

it('forgets a paused download that is removed, with what it had brought', async () => {
  await host();
  server.trouble = ({ side }) => (side === 'cdn' ? { stallAfter: 500 } : undefined);
  const paused = await pull({ dtype: 'fp16' }, ({ pullId, files }) => {
    if (files.some(({ done }) => done === 500)) void engine.query('models.pause', { pullId });
  });
  const { freed } = await engine.query('models.remove', { id: ID, dtype: 'fp16' });
  expect(freed).toBe(paused.done);
  expect(existsSync(REPO)).toBe(false);
  expect((await engine.query('models.list', {})).pulls).toEqual([]);
});

it('tells the token to the endpoint and to nobody else', async () => {
  await host({ token: TOKEN });
  const told = JSON.stringify(await pull());
  expect(await engine.query('models.list', {})).toMatchObject({ hub: { hasToken: true } });
  expect(server.asked.some(({ side }) => side === 'cdn')).toBe(true);
  for (const { side, authorization } of server.asked) {
    expect(authorization).toBe(side === 'hub' ? `Bearer ${TOKEN}` : undefined);
  }
  expect(told + JSON.stringify(await engine.query('models.list', {}))).not.toContain(TOKEN);
});

it.each<[string, string, Partial<Params<'models.pull'>>, string, RegExp]>([
  ['a gated model with a token that is not let in', 'hf_other', {}, 'gated', /grant access.*403/],
  ['a gated model without a token', '', {}, 'unauthorised', /private or gated/],
  ['a model that is not there', TOKEN, { id: 'some-org/absent' }, 'no-model', /no such model/],
  ['a revision that is not there', TOKEN, { revision: 'v9' }, 'no-revision', /no such revision/],
  ['a dtype that is not there', TOKEN, { dtype: 'q4' }, 'no-dtype', /no dtype "q4"/],
  ['a token that is none', 'hf_\u0007', {}, 'bad-token', /characters that no token has/],
])('refuses %s in a line', async (_what, token, asked, code, message) => {
  vi.stubEnv('HF_TOKEN', token);
  vi.stubEnv('HF_HOME', join(folder, 'nobody'));
  await host({ token: TOKEN });
  const failed = await pull(asked);
  expect(failed).toMatchObject({ state: 'failed', problem: { kind: 'input', code } });
  expect(failed.problem?.message).toMatch(message);
  expect(JSON.stringify(failed)).not.toContain(TOKEN);
  // There is nothing to go on with.
  expect(JSON.parse(readFileSync(join(folder, 'data', 'models.json'), 'utf8'))).toMatchObject({ pulls: [] });
});

it('asks nobody where it is offline', async () => {
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  await host();
  expect(await pull()).toMatchObject({ state: 'failed', problem: { kind: 'input', code: 'offline' } });
  await expect(engine.query('models.search', { query: 'x', limit: 1 })).rejects.toMatchObject({
    code: 'offline',
  });
  expect(server.asked).toEqual([]);
});

it.each([
  '../../outside.onnx',
  '/etc/outside.onnx',
  'C:\\outside.onnx',
  'onnx\\..\\..\\outside.onnx',
  'onnx/../../outside',
  'nul\u0000.onnx',
])('refuses a repository that lists %j', async (path) => {
  const extra = [{ type: 'file', path, size: 3, oid: 'e'.repeat(40) }];
  await host({ extra });
  expect(await pull()).toMatchObject({ state: 'failed', problem: { kind: 'failure', code: 'unsafe-name' } });
  expect(existsSync(REPO)).toBe(false);
});

it.each([
  ['a size that is none', { size: -1, oid: 'e'.repeat(40) }],
  ['a hash that is a path', { size: 3, oid: '../../../../outside' }],
])('refuses a repository with %s', async (_what, entry) => {
  await host({ extra: [{ type: 'file', path: 'onnx/model_q4.onnx', ...entry }] });
  expect(await pull({ dtype: 'q4' })).toMatchObject({ state: 'failed', problem: { code: 'bad-answer' } });
  expect(existsSync(REPO)).toBe(false);
});

it('says how much room is missing before it begins', async () => {
  await host({ extra: [{ type: 'file', path: 'onnx/model_q4.onnx', size: 2 ** 42, oid: 'e'.repeat(40) }] });
  expect(await pull({ dtype: 'q4' })).toMatchObject({ state: 'failed', problem: { code: 'disk-full' } });
  expect(server.served()).toBe(0);
});

it('says that the cache went away while it was written, and begins anew', async () => {
  await host();
  server.trouble = ({ side, url }) => {
    // Everything else has arrived by then or is about to.
    if (side === 'cdn' && url.includes('_data_2')) rmSync(REPO, { recursive: true, force: true });
    return undefined;
  };
  expect(await pull()).toMatchObject({ state: 'failed', problem: { code: 'cache-gone' } });
  server.trouble = () => undefined;
  expect(await pull()).toMatchObject({ state: 'done' });
  await openModel(engine, ID);
});

it('downloads the same model in two engines at once without harm', async () => {
  await host();
  const other = createEngine({ dataFolder: join(folder, 'other-data') });
  const one = engine;
  const first = pull();
  engine = other;
  const second = pull();
  try {
    expect([await first, await second]).toMatchObject([{ state: 'done' }, { state: 'done' }]);
    await openModel(other, ID);
    expect(partials()).toEqual([]);
  } finally {
    await other.dispose();
    engine = one;
  }
});

it('leaves alone what another living process writes, and takes over what a dead one left', async () => {
  await host();
  const data = 'onnx/model.onnx_data';
  const hash = createHash('sha256')
    .update(readFileSync(join(model, data)))
    .digest('hex');
  const partial = (pid: number) =>
    join(REPO, 'blobs', `${hash}.${hostname().replace(/[^\w-]/g, '_')}~${pid}~1.incomplete`);
  mkdirSync(join(REPO, 'blobs'), { recursive: true });
  writeFileSync(partial(process.ppid), 'of another');
  // Of a process that cannot be: what it left is damaged, and so fetched again from its beginning.
  writeFileSync(partial(2 ** 30), 'damaged');
  expect(await pull()).toMatchObject({ state: 'done' });
  expect(server.asked.filter(({ side, url }) => side === 'cdn' && url.includes(`${data}?`))).toMatchObject([
    { range: 'bytes=7-' },
    { range: undefined },
  ]);
  expect(partials().map((path) => join(cache, path))).toEqual([partial(process.ppid)]);
  expect(readFileSync(partial(process.ppid), 'utf8')).toBe('of another');
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
    await host();
    expect(await pull()).toMatchObject({ state: 'done' });
    expect(tunnels).toBeGreaterThan(0);
    await engine.dispose();
    tunnels = 0;
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    engine = createEngine({ dataFolder: join(folder, 'data') });
    expect(await pull({ dtype: 'fp16' })).toMatchObject({ state: 'done' });
    expect(tunnels).toBe(0);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

it('finds models on the hub, and knows those that are here', async () => {
  await host();
  await pull();
  const { models } = await engine.query('models.search', { query: 'TINY', limit: 10 });
  expect(models).toEqual([
    { id: ID, downloads: 100, likes: 0, gated: false, isCached: true, updatedAt: '2026-01-01T00:00:00.000Z' },
  ]);
  const asked = new URL(server.asked.at(-1)!.url, server.endpoint).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    search: 'TINY',
    filter: 'onnx',
    pipeline_tag: 'text-generation',
  });
});
