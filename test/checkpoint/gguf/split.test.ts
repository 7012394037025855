/** A model in several GGUF files, as llama.cpp's gguf-split leaves it. */
import { mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readGguf } from '../../../engine/checkpoint/gguf/read';
import { type GgufValue, type WrittenTensor, writeGguf } from '../../../fixtures/gguf';
import { temporaryFolder } from '../../../fixtures/runs';
import { METADATA, TENSORS } from './small-llama';

const root = temporaryFolder();
let folders = 0;
let folder = '';
const part = (number: number) => join(folder, `m-0000${number}-of-00003.gguf`);

function write(
  number: number,
  tensors: readonly WrittenTensor[],
  more: Record<string, GgufValue> = {},
): void {
  const split = { 'split.no': number - 1, 'split.count': 3, 'split.tensors.count': TENSORS.length };
  const metadata = { ...(number === 1 ? METADATA : {}), ...split, ...more };
  writeFileSync(part(number), writeGguf({ metadata, tensors }));
}

beforeEach(() => {
  folder = join(root, String(++folders));
  mkdirSync(folder);
  write(1, []);
  write(2, TENSORS.slice(0, 4));
  write(3, TENSORS.slice(4));
});

describe('a model in several files', () => {
  it.each([1, 2, 3])('is read from its file %i', (number) => {
    const { tensors, config } = readGguf(part(number));
    expect(config.num_hidden_layers).toBe(1);
    expect(tensors.size).toBe(TENSORS.length);
    expect(tensors.get('model.embed_tokens.weight')!.file).toBe(realpathSync(part(2)));
    expect(tensors.get('model.layers.0.mlp.down_proj.weight')!.file).toBe(realpathSync(part(3)));
  });

  it('is found beside a link, as in the Hugging Face cache, and told by its real files', () => {
    const links = join(folder, 'snapshot');
    mkdirSync(links);
    for (const number of [1, 2, 3]) {
      symlinkSync(part(number), join(links, `m-0000${number}-of-00003.gguf`));
    }
    const { tensors } = readGguf(join(links, 'm-00001-of-00003.gguf'));
    expect(tensors.get('model.embed_tokens.weight')!.file).toBe(realpathSync(part(2)));
  });

  it('is found by names that end in capitals', () => {
    const upper = (number: number) => join(folder, `m-0000${number}-of-00003.GGUF`);
    for (const number of [1, 2, 3]) renameSync(part(number), upper(number));
    expect(readGguf(upper(1)).tensors.size).toBe(TENSORS.length);
  });

  it('is refused without one of them', () => {
    rmSync(part(2));
    expect(() => readGguf(part(1))).toThrow(`${part(2)} is missing`);
  });

  it('is refused with files of two models', () => {
    write(3, TENSORS.slice(3));
    expect(() => readGguf(part(1))).toThrow(/"blk.0.attn_q.weight" is in .*00002.* and in .*00003/);
    write(3, TENSORS.slice(5));
    expect(() => readGguf(part(1))).toThrow(`claims ${TENSORS.length} tensors; its files have`);
    write(3, TENSORS.slice(4), { 'split.no': 1 });
    expect(() => readGguf(part(1))).toThrow('is file 2 of 3 by its metadata, and file 3 of 3 by its name');
  });

  it('is refused under names that claim more files than there can be', () => {
    const path = join(folder, 'm-00001-of-99999.gguf');
    writeFileSync(path, writeGguf({ metadata: METADATA, tensors: TENSORS }));
    expect(() => readGguf(path)).toThrow('one of 99999 files');
  });
});
