/** Downloads from a hub-shaped server: what arrives, how it is laid out, and how it goes on. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { Pull } from '../../engine/protocol';
import { openModel } from '../../fixtures/test-engine';
import { filesBelow } from './cached';
import { Hosted, ID } from './hosted';
import { COMMIT } from './server';

const hub = new Hosted();

it('brings what a run needs and no more, laid out as the hub lays it out', async () => {
  await hub.host();
  const done = await hub.pull();
  expect(done).toMatchObject({ state: 'done', problem: null, bytesPerSecond: null });
  const snapshot = join(hub.repo, 'snapshots', readFileSync(join(hub.repo, 'refs', 'main'), 'utf8'));
  const files = filesBelow(snapshot);
  expect(files).toEqual(filesBelow(hub.model).filter((path) => !path.includes('fp16')));
  expect(done.files.map(({ path }) => path).sort()).toEqual(files);
  for (const file of files) {
    expect(readFileSync(join(snapshot, file))).toEqual(readFileSync(join(hub.model, file)));
    expect(lstatSync(join(snapshot, file)).isSymbolicLink()).toBe(true);
  }
  // Small files by git's hash, LFS files by their sha256: the etags by which every other tool finds them.
  expect(
    readdirSync(join(hub.repo, 'blobs')).every((name) => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name)),
  ).toBe(true);
  expect((await openModel(hub.engine, ID)).contextLength).toBe(64);
  // A second pull asks what there is, and downloads nothing.
  const served = hub.server.served();
  expect(await hub.pull()).toMatchObject({ state: 'done' });
  expect(hub.server.served()).toBe(served);
});

it('brings one dtype after the other, and deletes one without the other', async () => {
  await hub.host();
  await hub.pull({ dtype: 'fp16' });
  const before = hub.server.served();
  await hub.pull({ dtype: 'fp32' });
  // The configs are shared.
  const weights = ['', '_data', '_data_1', '_data_2'].map((end) => hub.size(`onnx/model.onnx${end}`));
  expect(hub.server.served() - before).toBe(weights.reduce((sum, bytes) => sum + bytes));
  expect((await openModel(hub.engine, ID)).dtypes.sort()).toEqual(['fp16', 'fp32']);
  const { freed } = await hub.engine.query('models.remove', { id: ID, dtype: 'fp16', revision: null });
  expect(freed).toBe(hub.size('onnx/model_fp16.onnx'));
  expect((await openModel(hub.engine, ID)).dtypes).toEqual(['fp32']);
  await hub.engine.query('models.remove', { id: ID, dtype: 'fp32', revision: null });
  expect(existsSync(hub.repo)).toBe(false);
});

it('goes on after cuts, refusals that pass and servers without ranges, byte for byte', async () => {
  await hub.host();
  hub.server.trouble = ({ side, url }, before) => {
    if (url.includes('/resolve/') && url.endsWith('config.json') && before === 0) return { status: 503 };
    if (url.includes('/tree/') && before === 0) return { status: 429, headers: { 'retry-after': '0' } };
    if (side !== 'cdn') return undefined;
    if (url.includes('model.onnx_data_1')) return before === 0 ? { cutAfter: 1000 } : { ignoreRange: true };
    return before < 2 ? { cutAfter: 1000 } : undefined;
  };
  const seen: Pull[] = [];
  expect(await hub.pull({}, (now) => seen.push(now))).toMatchObject({ state: 'done' });
  expect(seen.some(({ problem }) => problem?.hint.startsWith('Trying again'))).toBe(true);
  // Resumed twice after 1000 bytes; without ranges, sent anew.
  expect(hub.server.served('model.onnx_data')).toBe(hub.size('onnx/model.onnx_data'));
  expect(hub.server.served('model.onnx_data_1')).toBe(1000 + hub.size('onnx/model.onnx_data_1'));
  await openModel(hub.engine, ID);
});

it('pauses, says how far it is after a restart, and goes on from there', async () => {
  await hub.host();
  hub.server.trouble = ({ side, url }, before) =>
    side === 'cdn' && url.endsWith('onnx_data?signature=secret') && before === 0
      ? { stallAfter: 2000 }
      : undefined;
  const paused = await hub.pull({}, ({ pullId, files }) => {
    const stalled = files.find(({ path }) => path.endsWith('onnx_data'));
    const others = files.filter((file) => file !== stalled);
    if (stalled?.done === 2000 && others.every(({ done, bytes }) => done === bytes)) {
      void hub.engine.query('models.pause', { pullId });
    }
  });
  expect(paused).toMatchObject({
    state: 'paused',
    done: paused.bytes - hub.size('onnx/model.onnx_data') + 2000,
  });
  await hub.engine.dispose();
  hub.restart();
  expect((await hub.engine.query('models.list', {})).pulls).toEqual([paused]);
  // Nor does an attempt that gets nowhere forget what is there.
  const { trouble } = hub.server;
  hub.server.trouble = () => ({ status: 503, headers: { 'retry-after': '0' } });
  expect(await hub.pull()).toMatchObject({ state: 'failed', problem: { code: 'hub-trouble' } });
  await hub.engine.dispose();
  hub.restart();
  expect((await hub.engine.query('models.list', {})).pulls).toEqual([paused]);
  hub.server.trouble = trouble;
  expect(await hub.pull()).toMatchObject({ state: 'done' });
  expect(hub.server.asked.at(-1)?.range).toBe('bytes=2000-');
  expect(hub.partials()).toEqual([]);
});

it('verifies what had all arrived before, and does not ask for it again', async () => {
  await hub.host();
  const begun = join(hub.repo, 'blobs', `${hub.blobOf('onnx/model.onnx_data')}.paused.incomplete`);
  mkdirSync(dirname(begun), { recursive: true });
  writeFileSync(begun, readFileSync(join(hub.model, 'onnx', 'model.onnx_data')));
  expect(await hub.pull()).toMatchObject({ state: 'done' });
  expect(hub.server.asked.filter(({ url }) => url.endsWith('onnx_data'))).toEqual([]);
  await openModel(hub.engine, ID);
});

it('takes files from mirrors that say nothing of them, and from CDNs that speak of others', async () => {
  await hub.host({ isMirror: true });
  hub.server.trouble = ({ side, url }, before) => {
    if (side !== 'cdn' || before > 1) return undefined;
    const own = { 'x-repo-commit': 'f'.repeat(40), 'x-linked-size': '1' };
    if (!url.includes('_data_2') || before === 0) return { headers: own, cutAfter: 1000 };
    return { headers: { ...own, 'content-range': `bytes 1000-${hub.size('onnx/model.onnx_data_2') - 1}/*` } };
  };
  expect(await hub.pull()).toMatchObject({ state: 'done' });
});

it('asks for configs before weights, and names no branch for a commit', async () => {
  await hub.host();
  expect(await hub.pull({ revision: COMMIT })).toMatchObject({ state: 'done' });
  const [first] = hub.server.asked.filter(({ url }) => url.includes('/resolve/'));
  expect(first!.url).toMatch(/\.json$/);
  expect(existsSync(join(hub.repo, 'refs'))).toBe(false);
  expect((await openModel(hub.engine, ID)).contextLength).toBe(64);
});

it('leaves the download of another tool alone, and begins its own', async () => {
  await hub.host();
  // As huggingface_hub names it: it may still be writing there.
  const other = join(hub.repo, 'blobs', `${hub.blobOf('onnx/model.onnx_data')}.incomplete`);
  mkdirSync(dirname(other), { recursive: true });
  const begun = readFileSync(join(hub.model, 'onnx', 'model.onnx_data')).subarray(0, 1000);
  writeFileSync(other, begun);
  expect(await hub.pull()).toMatchObject({ state: 'done' });
  expect(readFileSync(other)).toEqual(begun);
  expect(hub.server.served('model.onnx_data')).toBe(hub.size('onnx/model.onnx_data'));
});

it('begins anew where what is there is longer than the file, and never says that there is too much', async () => {
  await hub.host();
  const left = join(hub.repo, 'blobs', `${hub.blobOf('onnx/model.onnx_data')}.paused.incomplete`);
  mkdirSync(dirname(left), { recursive: true });
  const right = readFileSync(join(hub.model, 'onnx', 'model.onnx_data'));
  writeFileSync(left, Buffer.concat([right, Buffer.alloc(1000)]));
  const seen: Pull[] = [];
  expect(await hub.pull({}, (now) => seen.push(now))).toMatchObject({ state: 'done' });
  for (const { files } of seen) for (const { done, bytes } of files) expect(done).toBeLessThanOrEqual(bytes);
  const asked = hub.server.asked.filter(({ side, url }) => side === 'cdn' && url.includes('onnx_data?'));
  expect(asked.map(({ range }) => range)).toEqual([undefined]);
  expect(hub.partials()).toEqual([]);
});

it('tells how fast it is and how long it still takes, in figures that agree', async () => {
  await hub.host();
  hub.server.trouble = ({ side, url }, before) =>
    side === 'cdn' && url.endsWith('onnx_data?signature=secret') && before === 0
      ? { stallAfter: 2000 }
      : undefined;
  const seen: Pull[] = [];
  await hub.pull({}, (now) => {
    seen.push(now);
    if (now.bytesPerSecond !== null) void hub.engine.query('models.pause', { pullId: now.pullId });
  });
  const told = seen.filter(({ bytesPerSecond }) => bytesPerSecond !== null);
  expect(told.length).toBeGreaterThan(0);
  for (const { bytes, done, bytesPerSecond, secondsLeft } of told) {
    expect(bytesPerSecond).toBeGreaterThan(0);
    expect(secondsLeft).toBe((bytes - done) / bytesPerSecond!);
  }
  for (const { state, secondsLeft, bytesPerSecond } of seen) {
    if (state !== 'downloading') expect([bytesPerSecond, secondsLeft]).toEqual([null, null]);
  }
});

it('forgets a paused download that is removed, with what it had brought', async () => {
  await hub.host();
  hub.server.trouble = ({ side }) => (side === 'cdn' ? { stallAfter: 500 } : undefined);
  const paused = await hub.pull({ dtype: 'fp16' }, ({ pullId, files }) => {
    if (files.some(({ done }) => done === 500)) void hub.engine.query('models.pause', { pullId });
  });
  const { freed } = await hub.engine.query('models.remove', { id: ID, dtype: 'fp16', revision: null });
  expect(freed).toBe(paused.done);
  expect(existsSync(hub.repo)).toBe(false);
  expect((await hub.engine.query('models.list', {})).pulls).toEqual([]);
});

it('finds models on the hub, and knows those that are here', async () => {
  await hub.host();
  await hub.pull();
  const { models } = await hub.engine.query('models.search', { query: 'TINY', limit: 10 });
  expect(models).toEqual([
    {
      id: ID,
      downloads: 100,
      likes: 0,
      gated: false,
      isCached: true,
      formats: ['onnx'],
      updatedAt: '2026-01-01T00:00:00.000Z',
    },
  ]);
  const asked = hub.server.asked
    .map(({ url }) => new URL(url, hub.server.endpoint))
    .filter(({ pathname }) => pathname === '/api/models')
    .map(({ searchParams }) => ['search', 'filter', 'pipeline_tag'].map((name) => searchParams.get(name)));
  expect(asked.sort()).toEqual([
    ['TINY', 'gguf', null],
    ['TINY', 'onnx', 'text-generation'],
    ['TINY', 'safetensors', 'text-generation'],
  ]);
});
