/** A file that cannot be looked at once it is open is closed again. */
import { fstatSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { FileSource } from '../../../engine/onnx/source/file-source';
import { temporaryFolder } from '../../../fixtures/runs';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, fstatSync: vi.fn(fs.fstatSync) };
});

const path = join(temporaryFolder(), 'bytes');
writeFileSync(path, new Uint8Array(8));

it.runIf(process.platform === 'linux')('leaves no descriptor behind where a file cannot be looked at', () => {
  const count = () => readdirSync('/proc/self/fd').length;
  const before = count();
  vi.mocked(fstatSync).mockImplementationOnce(() => {
    throw new Error('input/output error');
  });
  expect(() => new FileSource(path)).toThrow(
    expect.objectContaining({
      code: 'unreadable-file',
      message: expect.stringContaining('input/output error'),
      hint: 'Check that it is there and may be read.',
    }),
  );
  expect(count()).toBe(before);
});
