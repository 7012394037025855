/** Several processes at one cache, and a disk that fills or goes away under it. */
import { createHash } from 'node:crypto';
import fs, { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { openModel } from '../../fixtures/test-engine';
import { Hosted, ID } from './hosted';
import { pullToEnd } from './pulls';

/** Bytes of the disk that are free, where it is not as it is. */
let free: number | undefined;
const { statfsSync } = fs;
beforeEach(() => {
  free = undefined;
  vi.spyOn(fs, 'statfsSync').mockImplementation((path) => {
    const found = statfsSync(path);
    return free === undefined ? found : Object.assign(found, { bavail: free, bsize: 1 });
  });
  syncBuiltinESMExports();
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

const hub = new Hosted();

it('says how much room is missing before it begins', async () => {
  await hub.host({
    extra: [{ type: 'file', path: 'onnx/model_q4.onnx', size: 2 ** 42, oid: 'e'.repeat(40) }],
  });
  expect(await hub.pull({ dtype: 'q4' })).toMatchObject({ state: 'failed', problem: { code: 'disk-full' } });
  expect(hub.server.served()).toBe(0);
});

it('asks for no more room than what is missing of a begun download', async () => {
  await hub.host();
  const [data, size] = ['onnx/model_fp16.onnx', hub.size('onnx/model_fp16.onnx')];
  const begun = join(hub.repo, 'blobs', `${hub.blobOf(data)}.paused.incomplete`);
  mkdirSync(join(hub.repo, 'blobs'), { recursive: true });
  writeFileSync(begun, readFileSync(join(hub.model, data)).subarray(0, size - 10));
  const configs = readdirSync(hub.model).filter((name) => name.endsWith('.json'));
  const needed = configs.map((name) => hub.size(name)).reduce((sum, bytes) => sum + bytes, 10);
  // What is left free for others.
  const reserve = 32 * 2 ** 20;
  free = reserve + needed - 1;
  expect(await hub.pull({ dtype: 'fp16' })).toMatchObject({
    state: 'failed',
    problem: { code: 'disk-full' },
  });
  free++;
  expect(await hub.pull({ dtype: 'fp16' })).toMatchObject({ state: 'done' });
  free = undefined;
});

it('says that the cache went away while it was written, and begins anew', async () => {
  await hub.host();
  hub.server.trouble = ({ side, url }) => {
    // Everything else has arrived by then or is about to.
    // Moved, since what is deleted file by file may get a new one meanwhile.
    if (side === 'cdn' && url.includes('_data_2')) renameSync(hub.repo, join(hub.folder, 'gone'));
    return undefined;
  };
  expect(await hub.pull()).toMatchObject({ state: 'failed', problem: { code: 'cache-gone' } });
  hub.server.trouble = () => undefined;
  expect(await hub.pull()).toMatchObject({ state: 'done' });
  await openModel(hub.engine, ID);
});

it('downloads the same model in two engines at once without harm', async () => {
  await hub.host();
  const other = createEngine({ dataFolder: join(hub.folder, 'other-data') });
  try {
    const ends = await Promise.all([hub.pull(), pullToEnd(other, { id: ID })]);
    expect(ends).toMatchObject([{ state: 'done' }, { state: 'done' }]);
    await openModel(other, ID);
    expect(hub.partials()).toEqual([]);
  } finally {
    await other.dispose();
  }
});

it('leaves alone what another living process writes, and takes over what a dead one left', async () => {
  await hub.host();
  const data = 'onnx/model.onnx_data';
  const hash = createHash('sha256')
    .update(readFileSync(join(hub.model, data)))
    .digest('hex');
  const partial = (pid: number) =>
    join(hub.repo, 'blobs', `${hash}.${hostname().replace(/[^\w-]/g, '_')}~${pid}~1.incomplete`);
  mkdirSync(join(hub.repo, 'blobs'), { recursive: true });
  writeFileSync(partial(process.ppid), 'of another');
  // Of a process that cannot be: what it left is damaged, and so fetched again from its beginning.
  writeFileSync(partial(2 ** 30), 'damaged');
  expect(await hub.pull()).toMatchObject({ state: 'done' });
  expect(
    hub.server.asked.filter(({ side, url }) => side === 'cdn' && url.includes(`${data}?`)),
  ).toMatchObject([{ range: 'bytes=7-' }, { range: undefined }]);
  expect(hub.partials().map((path) => join(hub.cache, path))).toEqual([partial(process.ppid)]);
  expect(readFileSync(partial(process.ppid), 'utf8')).toBe('of another');
});
