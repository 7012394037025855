/** What the disk's own errors become. */
import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { diskError } from '../../engine/hub/disk';

it.runIf(existsSync('/dev/full'))("says that the disk is full where it is, by the kernel's own error", () => {
  let error: unknown;
  try {
    writeFileSync('/dev/full', 'x');
  } catch (thrown) {
    error = thrown;
  }
  expect(diskError(error, '/dev/full')).toMatchObject({ kind: 'failure', code: 'disk-full' });
});
