/** A disk that fills up in the middle of a file: what stood there stands, and nothing lies beside it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { withLock } from '../../engine/files/lock';
import { writeAll, writeLarge, writeWhole } from '../../engine/files/write';
import { temporaryFolder } from '../../fixtures/runs';

/** Bytes that the disk still takes; the system's own error afterwards. */
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY }));
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const writeSync = (file: number, bytes: Uint8Array, from: number) => {
    const taken = Math.min(bytes.length - from, disk.room);
    if (taken === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    disk.room -= taken;
    return fs.writeSync(file, bytes, from, taken);
  };
  return { ...fs, writeSync };
});

const folder = temporaryFolder();
const path = join(folder, 'place', 'state.json');
beforeEach(() => {
  disk.room = Number.POSITIVE_INFINITY;
  mkdirSync(join(folder, 'place'), { recursive: true });
  writeFileSync(path, 'old');
});

it('of a file written at once', () => {
  disk.room = 5;
  const parts = [Buffer.from('abc'), Buffer.from('defghi')];
  expect(() => writeWhole(path, parts)).toThrow(/ENOSPC/);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(join(folder, 'place'))).toEqual(['state.json']);
  disk.room = 9;
  writeWhole(path, parts);
  expect(readFileSync(path, 'utf8')).toBe('abcdefghi');
});

it('of a large file, whose parts end half-way', async () => {
  function* parts() {
    yield Buffer.from('half');
    throw new Error('no more');
  }
  await expect(writeLarge(path, parts())).rejects.toThrow('no more');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(join(folder, 'place'))).toEqual(['state.json']);
});

it('and takes a part of what it is given: the rest follows', async () => {
  const fs = await vi.importActual<typeof import('node:fs')>('node:fs');
  const file = fs.openSync(path, 'w');
  const bytes = Buffer.from('abcdefghi');
  disk.room = 4;
  expect(() => writeAll(file, bytes)).toThrow(/ENOSPC/);
  fs.closeSync(file);
  expect(readFileSync(path, 'utf8')).toBe('abcd');
});

it('and takes a lock by its name alone, which is held, and given back', () => {
  const lock = join(folder, 'place', 'lock');
  for (const room of [0, 5]) {
    disk.room = room;
    expect(withLock(lock, () => readFileSync(lock, 'utf8').length)).toBe(room);
    expect(readdirSync(join(folder, 'place'))).toEqual(['state.json']);
  }
});
