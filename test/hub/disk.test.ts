/** What the disk's own errors become. */
import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deletionError, diskError } from '../../engine/hub/disk';

it.runIf(existsSync('/dev/full'))("says that the disk is full where it is, by the kernel's own error", () => {
  let error: unknown;
  try {
    writeFileSync('/dev/full', 'x');
  } catch (thrown) {
    error = thrown;
  }
  expect(diskError(error, '/dev/full')).toMatchObject({ kind: 'failure', code: 'disk-full' });
});

it.each([
  ['win32', 'EPERM', 'in-use'],
  ['win32', 'EBUSY', 'in-use'],
  ['linux', 'EBUSY', 'in-use'],
  ['linux', 'EPERM', 'no-permission'],
  ['win32', 'EROFS', 'no-permission'],
] as const)('says on %s after %s which file stays, and why', (platform, code, expected) => {
  const error = Object.assign(new Error(`${code}: unlink`), { code, path: '/cache/blobs/1' });
  const said = deletionError(error, '/cache', platform);
  expect(said).toMatchObject({ kind: 'failure', code: expected });
  if (expected === 'in-use')
    expect(said).toMatchObject({ message: expect.stringContaining('/cache/blobs/1') });
});
