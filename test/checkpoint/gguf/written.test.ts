/** Files of gguf-py's own writer (`../recipe-gguf/written.py`): every type of metadata and of tensors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BLOCK_TYPES } from '../../../engine/checkpoint/checkpoint';
import { readHeader } from '../../../engine/checkpoint/gguf/header';
import { StringList } from '../../../engine/checkpoint/gguf/string-list';
import { randomBlocks, STORED } from '../../../fixtures/ggml-blocks';

const FIXTURES = join(import.meta.dirname, 'fixtures');

function open(name: string) {
  const bytes = readFileSync(join(FIXTURES, name));
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return { bytes, header: () => readHeader({ size: bytes.length, read }, name) };
}

it('reads metadata of every type', () => {
  const told = JSON.parse(readFileSync(join(FIXTURES, 'written.json'), 'utf8')) as Record<string, unknown>;
  const { metadata } = open('written.gguf').header();
  expect([...metadata.keys()].sort()).toEqual(Object.keys(told).sort());
  for (const [key, value] of Object.entries(told)) {
    const found = metadata.get(key);
    if (found instanceof StringList) expect([...found], key).toEqual(value);
    // A list of booleans has bytes.
    else if (key === 'list.bool') expect(found).toEqual(Uint8Array.of(1, 0));
    else if (ArrayBuffer.isView(found)) expect(Array.from(found), key).toEqual(value);
    else expect(found, key).toEqual(value);
  }
});

it('finds tensors of every type', () => {
  const { bytes, header } = open('written.gguf');
  const tensors = new Map(header().tensors.map((tensor) => [tensor.name, tensor]));
  for (const type of BLOCK_TYPES) {
    const { dims, offset, length } = tensors.get(`${type}.weight`)!;
    expect(dims).toEqual([2, STORED[type].weights]);
    expect(new Uint8Array(bytes.subarray(offset, offset + length))).toEqual(randomBlocks(type, 2, 3));
  }
  const floats = ['F32', 'F16', 'BF16'].map((type) => {
    const { dims, offset, length } = tensors.get(`${type}.weight`)!;
    expect(dims).toEqual([2, 3]);
    return bytes.subarray(offset, offset + length).toString('hex');
  });
  expect(floats).toEqual([
    '000000000000803f0000004000004040000080400000a040',
    '0000003c0040004200440045',
    '000001000200030004000500',
  ]);
});

it('refuses a file for big-endian machines', () => {
  expect(open('written-big-endian.gguf').header).toThrow('is written for big-endian machines');
});
