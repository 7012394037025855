/** GGUF files that are damaged, made to mislead, or no decoder: one line each, before anything is held in memory. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGguf } from '../../../engine/checkpoint/gguf/read';
import { openCheckpoint } from '../../../engine/checkpoint/open';
import { EngineError } from '../../../engine/protocol';
import { type GgufValue, type WrittenTensor, writeGguf } from '../../../fixtures/gguf';
import { temporaryFolder } from '../../../fixtures/runs';
import { METADATA, smallLlama, TENSORS, withFirst, zeros } from './small-llama';

const path = join(temporaryFolder(), 'model.gguf');

function refusal(bytes: Uint8Array): EngineError {
  writeFileSync(path, bytes);
  try {
    readGguf(path);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const metadata = (more: Readonly<Record<string, GgufValue>>) => writeGguf(smallLlama(more));
const tensors = (changed: readonly WrittenTensor[]) => writeGguf(smallLlama({}, changed));
const first = (change: Partial<WrittenTensor>) => tensors(withFirst(change));

/** The file with 8 bytes at `at` replaced. */
function patched(at: number, value: bigint): Buffer {
  const bytes = metadata({});
  bytes.writeBigUInt64LE(value, at);
  return bytes;
}

/** Magic, version, counts; then what is given. */
function headed(tensorCount: bigint, keyCount: bigint, ...rest: Buffer[]): Buffer {
  const start = writeGguf({ metadata: {}, tensors: [], alignment: 1 });
  start.writeBigUInt64LE(tensorCount, 8);
  start.writeBigUInt64LE(keyCount, 16);
  return Buffer.concat([start, ...rest]);
}

const key = (name: string, type: number) => {
  const bytes = Buffer.alloc(8 + name.length + 4);
  bytes.writeBigUInt64LE(BigInt(name.length));
  bytes.write(name, 8);
  bytes.writeUInt32LE(type, 8 + name.length);
  return bytes;
};
const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: bigint) => Buffer.from(BigUint64Array.of(value).buffer);

describe('the reader of GGUF files reads', () => {
  it.each([
    ['version 2', writeGguf({ ...smallLlama(), version: 2 })],
    ['version 3', writeGguf(smallLlama())],
    ['an alignment of its own', writeGguf({ ...smallLlama({ 'general.alignment': 128 }), alignment: 128 })],
  ])('%s', (_, bytes) => {
    writeFileSync(path, bytes);
    const { tensors: found } = readGguf(path);
    expect([...found.values()].map(({ dims }) => dims)).toEqual(TENSORS.map(({ dims }) => dims));
    const last = [...found.values()].at(-1)!;
    expect(last.offset + last.length).toBe(bytes.length);
  });
});

describe('the reader of GGUF files refuses', () => {
  it.each<[string, Uint8Array, string, RegExp]>([
    ['an empty file', Buffer.alloc(0), 'malformed-gguf', /no GGUF file/],
    ['another file', Buffer.from('PK and so on, a zip file'), 'malformed-gguf', /no GGUF file/],
    ['version 1', writeGguf({ ...smallLlama(), version: 1 }), 'unsupported-checkpoint', /version 1;/],
    ['version 4', writeGguf({ ...smallLlama(), version: 4 }), 'unsupported-checkpoint', /version 4;/],
    ['big-endian', writeGguf({ ...smallLlama(), version: 3 << 24 }), 'unsupported-checkpoint', /big-endian/],
    ['billions of tensors', patched(8, 2n ** 33n), 'malformed-gguf', /8589934592 tensors/],
    ['billions of keys', patched(16, 2n ** 63n), 'malformed-gguf', /metadata keys/],
    ['half a header', metadata({}).subarray(0, 400), 'truncated-file', /ends within its header/],
    [
      'half its tensors',
      metadata({}).subarray(0, -2000),
      'truncated-file',
      /"blk.0.ffn_down.weight" ends at/,
    ],
    ['a key without end', headed(0n, 1n, u64(2n ** 40n)), 'malformed-gguf', /bytes of a key's name/],
    ['a text without end', headed(0n, 1n, key('a', 8), u64(2n ** 62n)), 'malformed-gguf', /text in "a"/],
    [
      'a list without end',
      headed(0n, 1n, key('a', 9), u32(4), u64(2n ** 40n)),
      'malformed-gguf',
      /elements in "a"/,
    ],
    [
      'a list longer than its file',
      headed(0n, 1n, key('a', 9), u32(12), u64(2n ** 22n)),
      'truncated-file',
      /header/,
    ],
    [
      'strings longer than their file',
      headed(0n, 1n, key('a', 9), u32(8), u64(3n), u64(99n)),
      'truncated-file',
      /header/,
    ],
    ['lists of lists', headed(0n, 1n, key('a', 9), u32(9), u64(2n)), 'malformed-gguf', /lists of lists/],
    ['an unknown type', headed(0n, 1n, key('a', 99)), 'malformed-gguf', /unknown type 99/],
    [
      'an unknown type in a list',
      headed(0n, 1n, key('a', 9), u32(77), u64(2n)),
      'malformed-gguf',
      /unknown type 77/,
    ],
    [
      'a key twice',
      headed(0n, 2n, key('a', 7), u32(0).subarray(3), key('a', 7), u32(0)),
      'malformed-gguf',
      /"a" twice/,
    ],
    ['an alignment of 0', metadata({ 'general.alignment': 0 }), 'malformed-gguf', /alignment is 0/],
    ['an alignment of 24', metadata({ 'general.alignment': 24 }), 'malformed-gguf', /alignment is 24/],
    ['an alignment in words', metadata({ 'general.alignment': 'wide' }), 'malformed-gguf', /is not a count/],
    ['a tensor twice', tensors([...TENSORS, TENSORS[0]!]), 'malformed-gguf', /"token_embd.weight" twice/],
    ['no dimension', first({ dims: [] }), 'malformed-gguf', /0 dimensions/],
    ['five dimensions', first({ dims: [1, 1, 1, 10, 32] }), 'malformed-gguf', /5 dimensions/],
    ['a dimension of 0', first({ dims: [0, 32] }), 'malformed-gguf', /shape \[0, 32\]/],
    ['dimensions beyond 2^53', first({ dims: [2n ** 40n, 2n ** 20n] }), 'malformed-gguf', /has the shape/],
    ['dimensions that overflow 64 bits', first({ dims: [2n ** 63n, 2n] }), 'malformed-gguf', /has the shape/],
    [
      'more elements than bytes',
      first({ dims: [2n ** 30n, 32] }),
      'truncated-file|malformed-gguf',
      /overlap|ends at/,
    ],
    ['an offset beyond 2^53', first({ offset: 2n ** 63n }), 'truncated-file', /"token_embd.weight" ends at/],
    ['a misaligned offset', first({ offset: 4 }), 'malformed-gguf', /begins at byte 4, no multiple of 32/],
    ['overlapping tensors', first({ offset: 1280 }), 'malformed-gguf', /overlap/],
    ['a part of a block', first({ type: 'Q4_K' }), 'malformed-gguf', /32 columns in Q4_K's blocks of 256/],
    [
      'an unknown tensor',
      tensors([...TENSORS, zeros('blk.0.ffn_sub_norm.weight', [32])]),
      'unsupported-checkpoint',
      /"blk.0.ffn_sub_norm.weight"/,
    ],
    [
      'a tensor of no layer',
      tensors([...TENSORS, zeros('per_layer_token_embd.weight', [32])]),
      'unsupported-checkpoint',
      /"per_layer/,
    ],
    [
      'no tensors',
      writeGguf({ metadata: METADATA, tensors: [] }),
      'malformed-gguf',
      /no matrix "token_embd.weight"/,
    ],
  ])('%s', (_, bytes, code, message) => {
    const error = refusal(bytes);
    expect(error.code).toMatch(new RegExp(`^(${code})$`));
    expect(error.message).toMatch(message);
    expect(error.message).toContain(path);
    expect(error.message).not.toContain('\n');
  });

  it.each<[string, Readonly<Record<string, GgufValue>>, RegExp]>([
    ['a LoRA adapter', { 'general.type': 'adapter' }, /is an adapter \(LoRA\)/],
    ['a projector', { 'general.type': 'mmproj' }, /projector of images/],
    ['an older projector', { 'general.architecture': 'clip' }, /projector of images/],
    ['an importance matrix', { 'general.type': 'imatrix' }, /holds a "imatrix"/],
    ['an encoder', { 'general.architecture': 'bert' }, /architecture "bert"; those that are read: llama, /],
    ['another decoder', { 'general.architecture': 'mamba' }, /architecture "mamba"/],
    ['a name of every object', { 'general.architecture': 'constructor' }, /architecture "constructor"/],
    ['a mixture of experts', { 'llama.expert_count': 8 }, /mixture of experts/],
    [
      'layers that differ',
      { 'llama.attention.head_count': Int32Array.of(4, 2) },
      /differ in "attention.head_count"/,
    ],
    ['a half layer for each', { 'llama.block_count': Float32Array.of(0.5) }, /differ in "block_count"/],
    ['values of another size', { 'llama.attention.value_length': 4 }, /another size than its keys/],
    ['heads that do not divide', { 'llama.attention.head_count': 5 }, /5 heads in 32/],
    [
      'unknown scaling',
      { 'llama.rope.scaling.type': 'dynamic', 'llama.rope.scaling.factor': { f32: 4 } },
      /"dynamic"/,
    ],
    ['a million layers', { 'llama.block_count': 1_000_000 }, /1000000 layers/],
  ])('%s', (_, more, message) => {
    const error = refusal(metadata(more));
    expect(error.code).toBe('unsupported-checkpoint');
    expect(error.message).toMatch(message);
  });

  it.each([10, 11, 16, 20, 23, 29, 34, 35, 39, 40, 999])('ggml type %i by name', (id) => {
    const { code, message, hint } = refusal(first({ type: { id } }));
    expect(code).toBe('unsupported-checkpoint');
    expect(message).toMatch(/"token_embd.weight" as (Q2_K|Q3_K|I?Q\w+|TQ\d_0|MXFP4|NVFP4|unknown type 999),/);
    expect(hint).toContain('Q4_K');
  });

  it.each([7, 2 ** 20])('heads of %i elements, before tables of their angles are made', (size) => {
    const sizes = { 'llama.attention.key_length': size, 'llama.attention.value_length': size };
    writeFileSync(path, metadata(sizes));
    const open = () => openCheckpoint(readGguf(path), path);
    expect(open).toThrow(`cannot turn ${size} of a head's ${size} elements in pairs`);
  });

  it('a model that reads images, with what to do', () => {
    const { message, hint } = refusal(tensors([...TENSORS, zeros('v.patch_embd.weight', [32])]));
    expect(message).toContain('"v.patch_embd.weight"');
    expect(hint).toContain('the language model alone');
  });

  it('a file that does not say its architecture', () => {
    const { 'general.architecture': _, ...rest } = METADATA;
    expect(refusal(writeGguf({ metadata: rest, tensors: TENSORS })).message).toContain(
      'does not say its arch',
    );
  });

  it('a missing size, and one that is 0', () => {
    const { 'llama.block_count': _, ...rest } = METADATA;
    expect(refusal(writeGguf({ metadata: rest, tensors: TENSORS })).message).toContain('"llama.block_count"');
    expect(refusal(metadata({ 'llama.context_length': 0 })).message).toContain('"llama.context_length"');
  });
});
