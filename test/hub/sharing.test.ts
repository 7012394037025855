/** Several processes at one cache, and a disk that fills or goes away under it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { openModel } from '../../fixtures/test-engine';
import { Hosted, ID } from './hosted';
import { pullToEnd } from './pulls';

const hub = new Hosted();

it('says how much room is missing before it begins', async () => {
  await hub.host({
    extra: [{ type: 'file', path: 'onnx/model_q4.onnx', size: 2 ** 42, oid: 'e'.repeat(40) }],
  });
  expect(await hub.pull({ dtype: 'q4' })).toMatchObject({ state: 'failed', problem: { code: 'disk-full' } });
  expect(hub.server.served()).toBe(0);
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
