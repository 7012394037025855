/** GGUF files as models: told by their first bytes, read once, and prepared where their weights are codes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readModelFolder } from '../../engine/model/folder';
import { ggufSources, isGgufFile } from '../../engine/model/gguf-source';
import { writeGguf } from '../../fixtures/gguf';
import { temporaryFolder } from '../../fixtures/runs';
import { BYTE_LEVEL, smallLlama, withFirst } from '../checkpoint/gguf/small-llama';

const folder = temporaryFolder();
const write = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const plain = write('plain.gguf', writeGguf(smallLlama(BYTE_LEVEL)));

it.each<[string, string | Uint8Array, boolean]>([
  ['whole', writeGguf(smallLlama(BYTE_LEVEL)), true],
  ['its first four bytes', 'GGUF', true],
  ['cut', 'GGU', false],
  ['of another kind', 'GGML and more', false],
  ['empty', '', false],
])('a file that is %s, under any name', (what, bytes, expected) => {
  expect(isGgufFile(write(`sha256-${what}`, bytes))).toBe(expected);
});

it('neither a folder nor what is not there is one', () => {
  expect([folder, join(folder, 'gone')].map(isGgufFile)).toEqual([false, false]);
});

it('is asked for all that a folder’s files would say, and read once for it', () => {
  const [source, ...others] = ggufSources(plain);
  expect(others).toEqual([]);
  expect(source).toMatchObject({ dtype: 'gguf', files: [plain], positions: 32_768 });
  expect(source!.preparation()).toBeUndefined();
  const { config } = source!.parts!();
  expect(config).toMatchObject({ model_type: 'llama', num_hidden_layers: 1 });
  // What was read is not read again, whatever becomes of the file.
  writeFileSync(plain, 'something else');
  expect(source!.parts!().config).toBe(config);
});

it('is repacked where one of its tensors is of codes', () => {
  const block = { type: 'Q8_0', bytes: new Uint8Array(10 * 34) } as const;
  const path = write('codes-Q8_0.gguf', writeGguf(smallLlama({}, withFirst(block))));
  expect(ggufSources(path)[0]!.preparation()).toMatchObject({ scheme: 'repack' });
});

it('is as long as it says, and named by its file unless it is given a name', () => {
  const path = write('mine-F32.gguf', writeGguf(smallLlama(BYTE_LEVEL)));
  expect(readModelFolder(path, null)).toMatchObject({
    id: 'mine-F32.gguf',
    dtype: 'F32',
    contextLength: 128,
  });
  expect(readModelFolder(path, 'f32', 'a name')).toMatchObject({ id: 'a name', dtype: 'F32', path });
  const several = join(folder, 'several');
  mkdirSync(several);
  for (const name of ['a-F16.gguf', 'a-Q8_0.gguf'])
    writeFileSync(join(several, name), writeGguf(smallLlama(BYTE_LEVEL)));
  expect(readModelFolder(several, null)).toMatchObject({ dtype: 'Q8_0', dtypes: ['F16', 'Q8_0'] });
});

it.each([
  ['notes.txt', 'is neither a folder nor a GGUF file'],
  ['gone', 'is not there'],
])('%s is no model: it %s', (name, why) => {
  write('notes.txt', 'hello');
  const path = join(folder, name);
  expect(() => readModelFolder(path, null)).toThrow(
    expect.objectContaining({ kind: 'input', code: 'no-folder', message: `${path} ${why}` }),
  );
});
