/** A cache where no links can be made: as Windows refuses symbolic ones without a right, and FAT has none of either kind. */
import fs, { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { standIn } from '../../fixtures/stand-in';
import { openModel } from '../../fixtures/test-engine';
import { filesBelow } from './cached';
import { Hosted, ID } from './hosted';

/** No such file system can be mounted without being root: its error stands in for it, all else is real. */
const refused = new Set<'symlink' | 'link'>();
const unless =
  <A extends unknown[]>(kind: 'symlink' | 'link') =>
  (make: (...args: A) => void) =>
  (...args: A) => {
    if (refused.has(kind)) throw Object.assign(new Error(`EPERM: ${kind}`), { code: 'EPERM' });
    make(...args);
  };
standIn(fs, 'symlinkSync', unless('symlink'));
standIn(fs, 'linkSync', unless('link'));

const hub = new Hosted();
const blobs = () => readdirSync(join(hub.repo, 'blobs'));
const remove = async (dtype: string) =>
  (await hub.engine.query('models.remove', { id: ID, dtype, revision: null })).freed;
const sizeOf = (dtype: string) =>
  filesBelow(hub.model)
    .filter((path) => path.startsWith('onnx/') && path.includes('fp16') === (dtype === 'fp16'))
    .reduce((sum, path) => sum + hub.size(path), 0);

beforeEach(() => refused.clear());

it.each<['symlink' | 'link', ...('symlink' | 'link')[]]>([['symlink'], ['symlink', 'link']])(
  'without %s %s: downloads once, opens, and deletes what it has',
  async (...kinds) => {
    for (const kind of kinds) refused.add(kind);
    await hub.host();
    expect(await hub.pull({ dtype: 'fp16' })).toMatchObject({ state: 'done' });
    expect(await hub.pull({ dtype: 'fp32' })).toMatchObject({ state: 'done' });
    const [snapshot] = readdirSync(join(hub.repo, 'snapshots'));
    const files = filesBelow(join(hub.repo, 'snapshots', snapshot!));
    expect(files).toEqual(filesBelow(hub.model));
    for (const file of files) {
      const path = join(hub.repo, 'snapshots', snapshot!, file);
      expect(lstatSync(path).isFile()).toBe(true);
    }
    // Nothing is there twice: a hard link to each blob, or no blobs.
    expect(blobs()).toHaveLength(kinds.includes('link') ? 0 : files.length);
    expect((await openModel(hub.engine, ID)).dtypes.sort()).toEqual(['fp16', 'fp32']);
    const served = hub.server.served();
    expect(await hub.pull({ dtype: 'fp16' })).toMatchObject({ state: 'done' });
    expect(hub.server.served()).toBe(served);

    expect(await remove('fp16')).toBe(sizeOf('fp16'));
    expect(blobs()).toHaveLength(kinds.includes('link') ? 0 : files.length - 1);
    expect((await openModel(hub.engine, ID)).dtypes).toEqual(['fp32']);
    await remove('fp32');
    expect(existsSync(hub.repo)).toBe(false);
  },
);

it('two files of the same content are both there', async () => {
  for (const kind of ['symlink', 'link'] as const) refused.add(kind);
  const same = ['special_tokens_map.json', 'added_tokens.json'];
  for (const name of same) writeFileSync(join(hub.model, name), '{ }');
  await hub.host();
  expect(await hub.pull({ dtype: 'fp16' })).toMatchObject({ state: 'done' });
  const [snapshot] = readdirSync(join(hub.repo, 'snapshots'));
  for (const name of same)
    expect(readFileSync(join(hub.repo, 'snapshots', snapshot!, name), 'utf8')).toBe('{ }');
  expect(blobs()).toEqual([]);
});
