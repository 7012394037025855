/** Reading what anything may have been done to never waits, and never takes more than was agreed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readBounded } from '../../engine/files/read';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();

it('reads a file of the largest size, and refuses one byte more', () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'ten bytes.');
  expect(readBounded(path, 10).toString()).toBe('ten bytes.');
  expect(() => readBounded(path, 9)).toThrow(expect.objectContaining({ code: 'oversized-file' }));
});

it('refuses a sparse file by its size alone', () => {
  const path = join(folder, 'sparse');
  writeFileSync(path, '');
  truncateSync(path, 2 ** 40);
  expect(() => readBounded(path, 2 ** 20)).toThrow('sparse has 1048576 MiB; at most 1 MiB are read');
});

it.skipIf(process.platform === 'win32')('refuses a pipe, a device and a folder without waiting', () => {
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  mkdirSync(join(folder, 'folder'));
  for (const path of [join(folder, 'pipe'), '/dev/zero', join(folder, 'folder')]) {
    expect(() => readBounded(path, 10)).toThrow(
      expect.objectContaining({
        code: 'unreadable-file',
        message: `${path} is not a file`,
        hint: 'Put the file itself there.',
      }),
    );
  }
});

it('leaves a missing file to its caller', () => {
  expect(() => readBounded(join(folder, 'gone'), 10)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});
