/** A disk that fills up, by somebody else's doing, while a model is prepared, or once it is; and one that is read-only. */
import fs, { readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { prepare } from '../../../engine/checkpoint/prepare/prepare';
import { removePrepared } from '../../../engine/checkpoint/prepare/prepared-list';
import { standIn } from '../../../fixtures/stand-in';
import { bytesOf, checkpointOf, normal, optionsFor, temporary } from './support';

/** The longest text that is still written, in bytes; or nothing at all may be made. */
const disk = { room: Number.POSITIVE_INFINITY, isReadOnly: false };
afterEach(() => Object.assign(disk, { room: Number.POSITIVE_INFINITY, isReadOnly: false }));

function refused(code: string): Error {
  return Object.assign(new Error(`${code}: the system's own words`), { code });
}

standIn(
  fs,
  'writeSync',
  (real) =>
    ((file: number, bytes: Uint8Array, ...rest: number[]) => {
      if (bytes.length > disk.room) throw refused('ENOSPC');
      return real(file, bytes, ...rest);
    }) as typeof real,
);
standIn(fs, 'openSync', (real) => (path, flags, mode) => {
  if (disk.isReadOnly && flags === 'wx') throw refused('EROFS');
  return real(path, flags, mode);
});

function tiny(folder: string) {
  const name = 'model.layers.0.self_attn.q_proj.weight';
  const parts = [{ name, dims: [64, 64], bytes: bytesOf(normal(64 * 64)) }];
  return checkpointOf(join(folder, 'model.safetensors'), parts);
}

it('says so, and leaves nothing', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const checkpoint = tiny(folder);
  disk.room = 64 * 64 - 1;
  await expect(prepare(checkpoint, 'q8', optionsFor(cache))).rejects.toMatchObject({
    code: 'store',
    message: expect.stringContaining('the prepared model cannot be stored: ENOSPC'),
    hint: expect.stringMatching(/^Free some space, or set SLOT_STUDIO_CACHE/),
  });
  expect(readdirSync(cache)).toEqual([]);
});

it('opens what is prepared, and deletes it to make room', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const checkpoint = tiny(folder);
  const made = await prepare(checkpoint, 'q8', optionsFor(cache));
  made.release();
  disk.room = 0;
  const again = await prepare(checkpoint, 'q8', optionsFor(cache));
  again.keepLoss({ kl: 0.1, same: 1, tokens: 1 });
  expect(again.loss()).toBeUndefined();
  again.release();
  expect(removePrepared(cache, made.key)).toBeGreaterThan(64 * 64);
  expect(readdirSync(cache)).toEqual([]);
});

it('keeps what is whole, though that cannot be noted', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const checkpoint = tiny(folder);
  const made = await prepare(checkpoint, 'q8', optionsFor(cache));
  made.release();
  utimesSync(join(cache, made.key, 'weights.bin'), 1, 1);
  disk.room = 0;
  const again = await prepare(checkpoint, 'q8', optionsFor(cache));
  again.release();
  expect(again.key).toBe(made.key);
  rmSync(cache, { recursive: true });
});

it('says where else a read-only one keeps nothing', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const checkpoint = tiny(folder);
  const { key, release } = await prepare(checkpoint, 'q8', optionsFor(cache));
  release();
  disk.isReadOnly = true;
  const told = {
    code: 'store',
    message: expect.stringContaining('EROFS'),
    hint: 'Set SLOT_STUDIO_CACHE to a folder that can be written to.',
  };
  await expect(prepare(checkpoint, 'q8', optionsFor(cache))).rejects.toMatchObject(told);
  expect(() => removePrepared(cache, key)).toThrow(expect.objectContaining(told));
});
