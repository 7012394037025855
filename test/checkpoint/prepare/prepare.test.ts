/** What is prepared, against float64; and what ends the work, which leaves nothing. */
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { prepare } from '../../../engine/checkpoint/prepare/prepare';
import type { Progress } from '../../../engine/checkpoint/prepare/progress';
import { repack } from '../../../engine/checkpoint/prepare/repack';
import { bytesOf, checkpointOf, floats, normal, optionsFor, temporary, weightsOf } from './support';
import { EMBEDDING, HEAD, hollow, prepared, QUERY, tiny } from './tiny';

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
  await expect(prepare(checkpoint, 'q8', optionsFor(cache))).rejects.toThrow(
    /PB are needed, and 33\.6 MB to spare; .* are free/,
  );
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
