/** What is prepared, on disk: found again, made anew, listed, deleted, damaged, asked for twice. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepare } from '../../../engine/checkpoint/prepare/prepare';
import { listPrepared, removePrepared } from '../../../engine/checkpoint/prepare/prepared-list';
import type { Progress } from '../../../engine/checkpoint/prepare/progress';
import { newOwner } from '../../../engine/files/owner';
import { normal, optionsFor, temporary } from './support';
import { hollow, prepared, tiny } from './tiny';

it('is there at once the second time, also when the model has moved', async () => {
  const [folder, elsewhere, cache] = [temporary(), temporary(), temporary()];
  const checkpoint = tiny(folder);
  const { key } = await prepared(checkpoint, cache);
  expect(await prepared(checkpoint, cache)).toMatchObject({ key, phases: [] });
  const file = join(elsewhere, 'model.safetensors');
  renameSync(join(folder, 'model.safetensors'), file);
  const tensors = new Map([...checkpoint.tensors].map(([name, tensor]) => [name, { ...tensor, file }]));
  expect(listPrepared(cache)[0]!.problem).toMatch('is no longer there');
  expect(await prepared({ ...checkpoint, tensors }, cache)).toMatchObject({ key, phases: [] });
  expect(listPrepared(cache)).toMatchObject([{ key, source: file, problem: null }]);
});

it('is made anew for a model that has changed, and what was made before is deleted', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const before = await prepared(tiny(folder), cache);
  const { atime, mtime } = statSync(join(folder, 'model.safetensors'));
  const changed = tiny(folder, normal(64 * 64, 4));
  // As a tool does that copies times with files.
  utimesSync(join(folder, 'model.safetensors'), atime, mtime);
  const after = await prepared(changed, cache);
  expect(after.key).not.toBe(before.key);
  expect(listPrepared(cache).map(({ key }) => key)).toEqual([after.key]);
  // Another scheme of the same model stays beside it.
  await prepared(changed, cache, 'q4');
  expect(listPrepared(cache)).toHaveLength(2);
});

it('lists what is there, says whether its model is, and deletes it', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const { key } = await prepared(tiny(folder), cache);
  const source = join(folder, 'model.safetensors');
  const bytes = readdirSync(join(cache, key)).reduce(
    (sum, name) => sum + statSync(join(cache, key, name)).size,
    0,
  );
  const entry = { key, source, bytes, made: { name: 'tiny', scheme: 'q8' } };
  expect(listPrepared(cache)).toMatchObject([{ ...entry, isUsed: false, problem: null }]);
  utimesSync(source, 1, 1);
  expect(listPrepared(cache)).toMatchObject([{ ...entry, problem: `${source} has changed` }]);
  rmSync(source);
  expect(listPrepared(cache)).toMatchObject([{ ...entry, problem: `${source} is no longer there` }]);
  expect(removePrepared(cache, key)).toBe(bytes);
  expect(listPrepared(cache)).toEqual([]);
  expect(() => removePrepared(cache, key)).toThrow('no prepared model');
  expect(() => removePrepared(cache, '..')).toThrow('no prepared model');
});

it('is not deleted while a model of this process or of another has it open', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const { key, release } = await prepare(tiny(folder), 'q8', optionsFor(cache));
  expect(listPrepared(cache)).toMatchObject([{ isUsed: true }]);
  expect(() => removePrepared(cache, key)).toThrow('is open');
  release();
  const [mine] = newOwner().split('~');
  // The process that started this one runs; no process has the number 2^22 on the systems that tests run on.
  writeFileSync(join(cache, key, `${key}.${mine}~${process.ppid}~1.user`), '');
  expect(() => removePrepared(cache, key)).toThrow('is open');
  renameSync(
    join(cache, key, `${key}.${mine}~${process.ppid}~1.user`),
    join(cache, key, `${key}.${mine}~${2 ** 30}~1.user`),
  );
  removePrepared(cache, key);
});

describe('what was damaged is made anew, and never read', () => {
  const damages: [string, (files: { weights: string; index: string }) => void][] = [
    ['cut short', ({ weights }) => truncateSync(weights, 100)],
    [
      'a byte changed, its time put back',
      ({ weights }) => {
        const { atime, mtime } = statSync(weights);
        const bytes = readFileSync(weights);
        bytes[1000]! ^= 1;
        writeFileSync(weights, bytes);
        utimesSync(weights, atime, mtime);
      },
    ],
    ['weights gone', ({ weights }) => rmSync(weights)],
    [
      'weights a folder',
      ({ weights }) => {
        rmSync(weights);
        mkdirSync(weights);
      },
    ],
    ['no index', ({ index }) => rmSync(index)],
    ['an index that is no JSON', ({ index }) => writeFileSync(index, '{')],
    ["another's index", ({ index }) => edit(index, { key: '0'.repeat(32) })],
    ['fewer checksums', ({ index }) => edit(index, { checksums: [] })],
    ['checksums without end', ({ index }) => edit(index, { checksums: Array(2 ** 20 + 1).fill(0) })],
    ['unknown fields', ({ index }) => edit(index, { file: '/etc/passwd' })],
    [
      'a negative size',
      ({ index }) => edit(index, { seal: { size: -1, inode: '', modified: '', changed: '' } }),
    ],
  ];
  it.each(damages)('%s', async (_, damage) => {
    const [folder, cache] = [temporary(), temporary()];
    const checkpoint = tiny(folder);
    const { key, weights } = await prepared(checkpoint, cache);
    damage({ weights: join(cache, key, 'weights.bin'), index: join(cache, key, 'index.json') });
    const again = await prepared(checkpoint, cache);
    expect(again.phases).toContain('preparing');
    expect(again.weights).toEqual(weights);
  });

  function edit(path: string, change: object): void {
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
  }
});

it('looks at the bytes of what was copied or touched once, and keeps it', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const checkpoint = tiny(folder);
  const { key } = await prepared(checkpoint, cache);
  utimesSync(join(cache, key, 'weights.bin'), 1, 1);
  expect(await prepared(checkpoint, cache)).toMatchObject({ phases: ['checking'] });
  expect(await prepared(checkpoint, cache)).toMatchObject({ phases: [] });
});

it('two that ask for the same get the same, which is made once', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const checkpoint = hollow(folder, 2 ** 11, 2 ** 10);
  const phases: Progress['phase'][][] = [[], []];
  const both = phases.map((own) =>
    prepare(
      checkpoint,
      'q8',
      optionsFor(cache, ({ phase }) => own.push(phase)),
    ),
  );
  const [one, other] = await Promise.all(both);
  expect(other!.key).toBe(one!.key);
  expect(phases.map((own) => [...new Set(own)])).toEqual([['preparing'], ['waiting']]);
  one!.release();
  expect(() => removePrepared(cache, one!.key)).toThrow('is open');
  other!.release();
  removePrepared(cache, one!.key);
});
