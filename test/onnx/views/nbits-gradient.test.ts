/** Wᵀ·r of any blocks of a matrix in few bits, from codes read in windows of any size, against float64. */
import { describe, expect, it, vi } from 'vitest';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { floatData, floats, ViewSession } from '../../../engine/onnx/runtime/session';
import { nBitsGradientView } from '../../../engine/onnx/views/nbits-views';
import { type CodeBlock, NBitsWeight } from '../../../engine/onnx/views/nbits-weight';
import { type NBitsOptions, nBitsHead } from '../../../fixtures/quantized-heads';
import { error, headFiles, reference, vector } from '../runtime/head-files';

const { written } = headFiles();

/** Odd, over several of the runs of rows that are transposed together. */
const VOCAB = 301;
const [BLOCK, BLOCKS] = [16, 5];
const r = vector(VOCAB, 3);

const KINDS: readonly Omit<NBitsOptions, 'vocab' | 'd' | 'blockSize'>[] = ([4, 8] as const).flatMap(
  (bits) => [
    { bits },
    { bits, zeroPoints: 'packed' },
    { bits, zeroPoints: 'float' },
    { bits, constants: true },
  ],
);

describe.each(KINDS)('$bits bits, $zeroPoints zero points, constants $constants', (kind) => {
  // Constants are of whole blocks alone; other rows may end within their last.
  const last = kind.constants ? BLOCK : 8;
  const sizes = { vocab: VOCAB, d: BLOCK * (BLOCKS - 1) + last };
  const head = nBitsHead({ ...sizes, blockSize: BLOCK, ...kind });
  const expected = reference(head.weights, sizes, []).projectBack(r);

  /** @param rows of codes that are read at a time */
  function weightOf(rows: number) {
    const file = written(head, sizes);
    const { projection } = findHead(file.model);
    if (projection.kind !== 'nbits') throw new Error(projection.kind);
    const rowBytes = (BLOCKS * BLOCK * kind.bits) / 8;
    return { file, projection, weight: new NBitsWeight(file, projection, VOCAB, sizes.d, rows * rowBytes) };
  }

  async function gradient({ projection, weight }: ReturnType<typeof weightOf>, blocks: readonly CodeBlock[]) {
    const view = nBitsGradientView(weight, blocks, projection, VOCAB);
    const session = await ViewSession.create('gradient', view, { folder: '.', prepack: true });
    const found = await session.run({ r: floats(r, [1, VOCAB]) });
    await session.release();
    return floatData(found.gradient);
  }

  it('is corrected only where codes do not count from their middle', () => {
    const { weight } = weightOf(VOCAB);
    const isPlain = !kind.zeroPoints && !kind.constants;
    expect(weight.offsets(2 ** (kind.bits - 1)) === undefined).toBe(isPlain);
    expect(weight.offsets(3)).toHaveLength(BLOCKS * VOCAB);
  });

  it('is padded with what stands for 0', () => {
    const { weight } = weightOf(100);
    const rowBytes = (3 * 128) / 2;
    const last = VOCAB >> 1;
    for (const plane of weight.planes(weight.blocks, 128).flat())
      for (let start = 0; start < plane.length; start += rowBytes) {
        expect(plane[start + last]! >> 4).toBe(8);
        expect([...new Set(plane.subarray(start + last + 1, start + rowBytes))]).toEqual([0x88]);
      }
  });

  it.each([
    // Two at least, since two of a column are a byte, and an even number.
    [0, 151],
    [1, 151],
    [10, 31],
    [200, 2],
    [301, 2],
    [302, 1],
  ])('is read %i rows at a time, in %i reads', async (rows, reads) => {
    const of = weightOf(rows);
    const read = vi.spyOn(of.file, 'readRange');
    of.weight.planes(of.weight.blocks, 128);
    expect(read).toHaveBeenCalledTimes(reads);
    expect(of.weight.blocks.map(({ size }) => size)).toEqual([BLOCK, BLOCK, BLOCK, BLOCK, last]);
    expect(error(await gradient(of, of.weight.blocks), expected)).toBeLessThan(2e-6);
  });

  it.each([
    [0, 1],
    [1, 3],
    [3, BLOCKS],
  ])('is taken of blocks %i to %i', async (first, end) => {
    const of = weightOf(VOCAB);
    const part = await gradient(of, of.weight.blocks.slice(first, end));
    expect(error(part, expected.slice(first * BLOCK, end * BLOCK))).toBeLessThan(2e-6);
  });
});
