/** What is prepared, against float64; and what happens to it on disk. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../engine/checkpoint/checkpoint';
import { prepare } from '../../../engine/checkpoint/prepare/prepare';
import { listPrepared, removePrepared } from '../../../engine/checkpoint/prepare/prepared-list';
import type { Progress } from '../../../engine/checkpoint/prepare/progress';
import { repack } from '../../../engine/checkpoint/prepare/repack';
import type { Scheme } from '../../../engine/checkpoint/prepare/scheme';
import { newOwner } from '../../../engine/files/owner';
import { hollowCheckpoint, writeHollow } from './hollow';
import { bytesOf, checkpointOf, floats, normal, optionsFor, temporary, weightsOf } from './support';

const EMBEDDING = normal(48 * 64, 1);
const QUERY = normal(64 * 64, 2);
const HEAD = normal(48 * 64, 3);

function tiny(folder: string, query = QUERY): Checkpoint {
  return checkpointOf(join(folder, 'model.safetensors'), [
    { name: 'model.embed_tokens.weight', dims: [48, 64], bytes: bytesOf(EMBEDDING) },
    { name: 'model.layers.0.input_layernorm.weight', dims: [64], bytes: bytesOf(normal(64)) },
    { name: 'model.layers.0.self_attn.q_proj.weight', dims: [64, 64], bytes: bytesOf(query) },
    { name: 'model.layers.0.mlp.odd.weight', dims: [4, 40], bytes: bytesOf(normal(160)) },
    { name: 'lm_head.weight', dims: [48, 64], bytes: bytesOf(HEAD) },
  ]);
}

function hollow(folder: string, rows: number, columns: number): Checkpoint {
  const file = join(folder, 'model.safetensors');
  writeHollow(file, Math.min(2 * rows * columns, 2 ** 30));
  return hollowCheckpoint(file, rows, columns);
}

/** Ends its use at once, and tells by which work it was made. */
async function prepared(checkpoint: Checkpoint, folder: string, scheme: Scheme = 'q8') {
  const phases = new Set<Progress['phase']>();
  const result = await prepare(
    checkpoint,
    scheme,
    optionsFor(folder, ({ phase }) => phases.add(phase)),
  );
  const weights = new Map([...result.tensors].map(([name, tensor]) => [name, weightsOf(tensor)]));
  result.release();
  return { ...result, weights, phases: [...phases] };
}

function worst(found: readonly number[], expected: Float32Array): number {
  return Math.max(...expected.map((weight, i) => Math.abs(weight - found[i]!)));
}

it.each([
  ['q8', 8, 0.016],
  ['q4', 4, 0.3],
] as const)(
  '%s: matrices of layers, the embedding and the head; all else stays',
  async (scheme, bits, bound) => {
    const folder = temporary();
    const { tensors, weights, phases } = await prepared(tiny(folder), join(folder, 'prepared'), scheme);
    expect([...tensors.keys()]).toEqual([
      'model.embed_tokens.weight',
      'model.layers.0.self_attn.q_proj.weight',
      'lm_head.weight',
    ]);
    expect(tensors.get('model.layers.0.self_attn.q_proj.weight')).toHaveProperty('bits', bits);
    expect(tensors.get('model.embed_tokens.weight')).toHaveProperty('bits', 8);
    expect(worst(weights.get('model.layers.0.self_attn.q_proj.weight')!, QUERY)).toBeLessThan(bound);
    expect(worst(weights.get('model.embed_tokens.weight')!, EMBEDDING)).toBeLessThan(0.016);
    expect(worst(weights.get('lm_head.weight')!, HEAD)).toBeLessThan(0.016);
    expect(phases).toEqual(['preparing']);
  },
);

it('repack: the blocks of a GGUF, while floats beside them stay', async () => {
  const folder = temporary();
  const bytes = Uint8Array.from({ length: 2 * 34 * 3 }, (_, i) => (i % 34 === 1 ? 0x2c : i % 251));
  const name = 'model.layers.0.mlp.down_proj.weight';
  const parts = [
    { name: 'model.embed_tokens.weight', dims: [48, 64], bytes: bytesOf(EMBEDDING) },
    { name, dims: [3, 64], bytes, type: 'Q8_0' as const },
  ];
  const checkpoint = checkpointOf(join(folder, 'model.gguf'), parts);
  const { tensors, release } = await prepare(checkpoint, 'repack', optionsFor(join(folder, 'prepared')));
  expect([...tensors.keys()]).toEqual([name]);
  const matrix = tensors.get(name)!;
  expect(matrix).toMatchObject({ rows: 3, columns: 64, bits: 8, blockSize: 32 });
  expect(floats(matrix.scales)).toEqual(repack('Q8_0', bytes).scales);
  // A block's first code follows its scale of two bytes.
  expect(weightsOf(matrix)[32]).toBe(floats(matrix.scales)[1]! * ((bytes[36]! << 24) >> 24));
  release();
});

it('prepares rows in pieces, to the last one', async () => {
  const folder = temporary();
  // Two pieces, of which the last has one row.
  const rows = 2 ** 10 + 1;
  const values = normal(2 ** 11).map(Math.fround);
  const bytes = new Uint8Array(rows * 2 ** 11 * 2);
  const halves = new Uint16Array(bytes.buffer);
  // bfloat16 is the upper half of a float32.
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < 2 ** 11; i++)
      halves[row * 2 ** 11 + i] = new Uint16Array(values.buffer)[2 * ((i + row) % 2 ** 11) + 1]!;
  const name = 'model.layers.0.mlp.up_proj.weight';
  const checkpoint = checkpointOf(join(folder, 'model.safetensors'), [
    { name, dims: [rows, 2 ** 11], bytes, type: 'BF16' },
  ]);
  const progress: Progress[] = [];
  const { tensors, release } = await prepare(
    checkpoint,
    'q8',
    optionsFor(folder, (told) => progress.push(told)),
  );
  release();
  expect(progress.map(({ done, total }) => done / total)).toEqual(
    [...progress.map(({ done, total }) => done / total)].sort((a, b) => a - b),
  );
  expect(progress).toHaveLength(3);
  expect(progress.at(-1)).toMatchObject({
    done: progress[0]!.total,
    secondsLeft: expect.toBeOneOf([0, null]),
  });
  const tensor = tensors.get(name)!;
  const scales = floats(tensor.scales);
  // The largest weight of each block of the last row says that this row is where it belongs.
  const last = Array.from({ length: 64 }, (_, block) => {
    const widened = Array.from({ length: 32 }, (_, i) => {
      const bits = halves[(rows - 1) * 2 ** 11 + 32 * block + i]!;
      return Math.abs(new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!);
    });
    return Math.fround(Math.max(...widened) / 127);
  });
  expect([...scales.subarray(-64)]).toEqual(last);
});

it('is there at once the second time, also when the model has moved', async () => {
  const [folder, elsewhere, cache] = [temporary(), temporary(), temporary()];
  const checkpoint = tiny(folder);
  const { key } = await prepared(checkpoint, cache);
  expect(await prepared(checkpoint, cache)).toMatchObject({ key, phases: [] });
  const file = join(elsewhere, 'model.safetensors');
  renameSync(join(folder, 'model.safetensors'), file);
  const tensors = new Map([...checkpoint.tensors].map(([name, tensor]) => [name, { ...tensor, file }]));
  expect(await prepared({ ...checkpoint, tensors }, cache)).toMatchObject({ key, phases: [] });
});

it('is made anew for a model that has changed, and what was made before is deleted', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const before = await prepared(tiny(folder), cache);
  const { atime, mtime } = statSync(join(folder, 'model.safetensors'));
  const changed = tiny(folder, normal(64 * 64, 4));
  // As a tool does that copies times with files.
  utimesSync(join(folder, 'model.safetensors'), atime, mtime);
  const after = await prepared(changed, cache);
  expect(after.key).not.toBe(before.key);
  expect(listPrepared(cache).map(({ key }) => key)).toEqual([after.key]);
  // Another scheme of the same model stays beside it.
  await prepared(changed, cache, 'q4');
  expect(listPrepared(cache)).toHaveLength(2);
});

it('lists what is there, says whether its model is, and deletes it', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const { key } = await prepared(tiny(folder), cache);
  const source = join(folder, 'model.safetensors');
  const bytes = readdirSync(join(cache, key)).reduce(
    (sum, name) => sum + statSync(join(cache, key, name)).size,
    0,
  );
  const entry = { key, source, bytes, made: { name: 'tiny', scheme: 'q8' } };
  expect(listPrepared(cache)).toMatchObject([{ ...entry, isUsed: false, problem: null }]);
  utimesSync(source, 1, 1);
  expect(listPrepared(cache)).toMatchObject([{ ...entry, problem: `${source} has changed` }]);
  rmSync(source);
  expect(listPrepared(cache)).toMatchObject([{ ...entry, problem: `${source} is no longer there` }]);
  expect(removePrepared(cache, key)).toBe(bytes);
  expect(listPrepared(cache)).toEqual([]);
  expect(() => removePrepared(cache, key)).toThrow('no prepared model');
  expect(() => removePrepared(cache, '..')).toThrow('no prepared model');
});

it('is not deleted while a model of this process or of another has it open', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const { key, release } = await prepare(tiny(folder), 'q8', optionsFor(cache));
  expect(listPrepared(cache)).toMatchObject([{ isUsed: true }]);
  expect(() => removePrepared(cache, key)).toThrow('is open');
  release();
  const [mine] = newOwner().split('~');
  // The process that started this one runs; no process has the number 2^22 on the systems that tests run on.
  writeFileSync(join(cache, key, `${key}.${mine}~${process.ppid}~1.user`), '');
  expect(() => removePrepared(cache, key)).toThrow('is open');
  renameSync(
    join(cache, key, `${key}.${mine}~${process.ppid}~1.user`),
    join(cache, key, `${key}.${mine}~${2 ** 30}~1.user`),
  );
  removePrepared(cache, key);
});

describe('what was damaged is made anew, and never read', () => {
  const damages: [string, (files: { weights: string; index: string }) => void][] = [
    ['cut short', ({ weights }) => truncateSync(weights, 100)],
    [
      'a byte changed, its time put back',
      ({ weights }) => {
        const { atime, mtime } = statSync(weights);
        const bytes = readFileSync(weights);
        bytes[1000]! ^= 1;
        writeFileSync(weights, bytes);
        utimesSync(weights, atime, mtime);
      },
    ],
    ['weights gone', ({ weights }) => rmSync(weights)],
    [
      'weights a folder',
      ({ weights }) => {
        rmSync(weights);
        mkdirSync(weights);
      },
    ],
    ['no index', ({ index }) => rmSync(index)],
    ['an index that is no JSON', ({ index }) => writeFileSync(index, '{')],
    ["another's index", ({ index }) => edit(index, { key: '0'.repeat(32) })],
    ['fewer checksums', ({ index }) => edit(index, { checksums: [] })],
    ['checksums without end', ({ index }) => edit(index, { checksums: Array(2 ** 20 + 1).fill(0) })],
    ['unknown fields', ({ index }) => edit(index, { file: '/etc/passwd' })],
    [
      'a negative size',
      ({ index }) => edit(index, { seal: { size: -1, inode: '', modified: '', changed: '' } }),
    ],
  ];
  it.each(damages)('%s', async (_, damage) => {
    const [folder, cache] = [temporary(), temporary()];
    const checkpoint = tiny(folder);
    const { key, weights } = await prepared(checkpoint, cache);
    damage({ weights: join(cache, key, 'weights.bin'), index: join(cache, key, 'index.json') });
    const again = await prepared(checkpoint, cache);
    expect(again.phases).toContain('preparing');
    expect(again.weights).toEqual(weights);
  });

  function edit(path: string, change: object): void {
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
  }
});

it('looks at the bytes of what was copied or touched once, and keeps it', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const checkpoint = tiny(folder);
  const { key } = await prepared(checkpoint, cache);
  utimesSync(join(cache, key, 'weights.bin'), 1, 1);
  expect(await prepared(checkpoint, cache)).toMatchObject({ phases: ['checking'] });
  expect(await prepared(checkpoint, cache)).toMatchObject({ phases: [] });
});

it('a cancel stops it in the midst of it, and leaves nothing', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const cancel = new AbortController();
  const reason = new Error('no longer wanted');
  const onProgress = ({ done }: Progress) => {
    if (done > 0) cancel.abort(reason);
  };
  const checkpoint = hollow(folder, 2 ** 13, 2 ** 10);
  await expect(prepare(checkpoint, 'q8', optionsFor(cache, onProgress, cancel.signal))).rejects.toBe(reason);
  expect(readdirSync(cache)).toEqual([]);
});

it('two that ask for the same get the same, which is made once', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const checkpoint = hollow(folder, 2 ** 11, 2 ** 10);
  const phases: Progress['phase'][][] = [[], []];
  const both = phases.map((own) =>
    prepare(
      checkpoint,
      'q8',
      optionsFor(cache, ({ phase }) => own.push(phase)),
    ),
  );
  const [one, other] = await Promise.all(both);
  expect(other!.key).toBe(one!.key);
  expect(phases.map((own) => [...new Set(own)])).toEqual([['preparing'], ['waiting']]);
  one!.release();
  expect(() => removePrepared(cache, one!.key)).toThrow('is open');
  other!.release();
  removePrepared(cache, one!.key);
});

it('says what to do where the folder cannot be made', async () => {
  const folder = temporary();
  writeFileSync(join(folder, 'file'), '');
  const options = { ...optionsFor(folder), folder: join(folder, 'file', 'prepared') };
  await expect(prepare(tiny(folder), 'q8', options)).rejects.toMatchObject({
    code: 'store',
    hint: expect.stringContaining('SLOT_STUDIO_CACHE'),
  });
});

it('writes nothing where there is no room', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const checkpoint = hollow(folder, 2 ** 10, 2 ** 40);
  await expect(prepare(checkpoint, 'q8', optionsFor(cache))).rejects.toThrow(/PB are needed and .* are free/);
  expect(readdirSync(cache)).toEqual([]);
});

it('names what is wrong with a model that cannot be prepared, and leaves nothing', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const notFinite = QUERY.slice();
  notFinite[7] = Number.NaN;
  await expect(prepare(tiny(folder, notFinite), 'q8', optionsFor(cache))).rejects.toThrow('not finite');
  const file = join(folder, 'model.safetensors');
  const cut = tiny(folder);
  truncateSync(file, 40_000);
  await expect(prepare(cut, 'q8', optionsFor(cache))).rejects.toThrow('ends too early');
  const vectors = checkpointOf(file, [{ name: 'model.norm.weight', dims: [64], bytes: bytesOf(normal(64)) }]);
  await expect(prepare(vectors, 'q8', optionsFor(cache))).rejects.toThrow('can be prepared as q8');
  expect(readdirSync(cache)).toEqual([]);
});
