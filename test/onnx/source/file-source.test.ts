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

it('is read 64 KiB at a time, and what was read is not read again', () => {
  const changing = join(temporaryFolder(), 'changing');
  const size = 200_000;
  writeFileSync(changing, new Uint8Array(size).fill(1));
  const source = new FileSource(changing);
  const window = 64 * 1024;
  source.read(window, 8);
  writeFileSync(changing, new Uint8Array(size).fill(2));
  // From the first to the last byte of the window.
  for (const [offset, length] of [
    [window, 8],
    [window + 100, 8],
    [2 * window - 8, 8],
    [window, window],
  ] as const)
    expect(source.read(offset, length)).toEqual(new Uint8Array(length).fill(1));
  expect(source.copy(window, 8)).toEqual(new Uint8Array(8).fill(2));
  // Beyond its end, and before its beginning.
  expect(source.read(2 * window - 7, 8)).toEqual(new Uint8Array(8).fill(2));
  expect(source.read(window - 1, 8)).toEqual(new Uint8Array(8).fill(2));
  expect(source.read(window, 8)).toEqual(new Uint8Array(8).fill(2));
  source.close();
});

it('a folder is no file, and a file that shrinks ends too early', () => {
  const folder = temporaryFolder();
  expect(() => new FileSource(folder)).toThrow(
    expect.objectContaining({
      code: 'unreadable-file',
      message: expect.stringMatching(/ is not a file$/),
      hint: 'Put the file itself there.',
    }),
  );
  const shrinking = join(folder, 'shrinking');
  writeFileSync(shrinking, new Uint8Array(100));
  const source = new FileSource(shrinking);
  writeFileSync(shrinking, new Uint8Array(10));
  expect(() => source.copy(0, 100)).toThrow('shrinking ends too early (100 bytes)');
  expect(source.copy(2, 8)).toEqual(new Uint8Array(8));
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
