/** Random access to a file gives its bytes, in any order and across the window of small reads. */
import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileSource } from '../../../engine/onnx/source/file-source';
import { temporaryFolder } from '../../../fixtures/runs';

const path = join(temporaryFolder(), 'bytes');
const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251);
writeFileSync(path, bytes);

it.each([
  [0, 10],
  [65_530, 20],
  [65_531, 1],
  [10, 5],
  [0, 200_000],
  [199_999, 1],
  [200_000, 0],
])('%i bytes in: %i bytes', (offset, length) => {
  const source = new FileSource(path);
  for (const warmUp of [0, 130_000, 60_000]) source.read(warmUp, 8);
  for (const found of [source.copy(offset, length), source.read(offset, length)])
    expect(Buffer.compare(found, bytes.subarray(offset, offset + length))).toBe(0);
  source.close();
});

it.each([
  [199_990, 11],
  [300_000, 1],
])('past the end (%i + %i) is a truncated file', (offset, length) => {
  const source = new FileSource(path);
  for (const read of [() => source.read(offset, length), () => source.copy(offset, length)])
    expect(read).toThrow(expect.objectContaining({ code: 'truncated-file' }));
  source.close();
});

it('reads nothing once it is closed, whatever has its number by then', () => {
  const source = new FileSource(path);
  source.read(0, 8);
  source.close();
  const other = openSync(path, 'r');
  const message = 'bytes is read after it was closed';
  expect(() => source.read(0, 8)).toThrow(message);
  expect(() => source.copy(0, 8)).toThrow(message);
  source.close();
  // Closing twice would have closed this one.
  expect(fstatSync(other).size).toBe(bytes.length);
  closeSync(other);
});
