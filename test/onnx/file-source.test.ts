/** Random access to a file gives its bytes, in any order and across the window of small reads. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileSource } from '../../engine/onnx/file-source';
import { temporaryFolder } from '../models/runs';

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
  expect(Buffer.compare(source.read(offset, length), bytes.subarray(offset, offset + length))).toBe(0);
  source.close();
});

it.each([
  [199_990, 11],
  [300_000, 1],
])('past the end (%i + %i) is a truncated file', (offset, length) => {
  const source = new FileSource(path);
  expect(() => source.read(offset, length)).toThrow(expect.objectContaining({ code: 'truncated-file' }));
  source.close();
});
