/** Blocks of every type, held to gguf-py's dequantize: `recipe-gguf/repack.py` made repack-golden.json. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BLOCK_TYPES, type BlockType } from '../../../engine/checkpoint/checkpoint';
import { REPACKED, repack } from '../../../engine/checkpoint/prepare/repack';
import { randomBlocks, STORED } from '../../../fixtures/ggml-blocks';

const Golden = z.record(
  z.enum(BLOCK_TYPES),
  z.object({ usual: z.string(), first: z.array(z.number()), extreme: z.string(), extremeStart: z.string() }),
);
const golden = Golden.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'repack-golden.json'), 'utf8')) as unknown,
);

/** The recipe's blocks: usual ones, or with any finite float16 for scale and shift. */
function blocksOf(type: BlockType, isUsual: boolean): Uint8Array {
  return randomBlocks(type, 64, isUsual ? 1 : 2, isUsual);
}

/** scale·(code − 2^(bits − 1)) + constant in float64, rounded once. */
function weights(type: BlockType, bytes: Uint8Array): Float32Array {
  const { bits, blockSize } = REPACKED[type];
  const { codes, scales, constants } = repack(type, bytes);
  return Float32Array.from({ length: scales.length * blockSize }, (_, i) => {
    const code = bits === 8 ? codes[i]! : (codes[i >> 1]! >> (4 * (i & 1))) & 15;
    const block = Math.floor(i / blockSize);
    // -0 becomes 0.
    return scales[block]! * (code - 2 ** (bits - 1)) + (constants?.[block] ?? 0) + 0;
  });
}

const hash = (values: Float32Array) =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');

describe.each(BLOCK_TYPES)('%s', (type) => {
  const { usual, first, extreme, extremeStart } = golden[type];

  it('is held bit for bit', () => {
    const found = weights(type, blocksOf(type, true));
    expect([...found.subarray(0, first.length)]).toEqual(first);
    expect(hash(found)).toBe(usual);
  });

  it('is held with the smallest and largest scales, to within the rounding of a constant', () => {
    const bytes = blocksOf(type, false);
    const found = weights(type, bytes);
    if (!REPACKED[type].hasConstants) return expect(hash(found)).toBe(extreme);
    const expected = new Float32Array(Uint8Array.from(Buffer.from(extremeStart, 'base64')).buffer);
    const { constants } = repack(type, bytes);
    const offBy = expected.map((value, i) => {
      const rounding = 2 ** -24 * (Math.abs(constants![Math.floor(i / 32)]!) + 2 * Math.abs(value));
      return Math.abs(found[i]! - value) / Math.max(rounding, 2 ** -149);
    });
    expect(Math.max(...offBy)).toBeLessThanOrEqual(1);
  });

  it.each([
    ['infinite', 0x7c00],
    ['not a number', 0x7e01],
  ])('is refused where a scale is %s', (_, bits) => {
    const bytes = blocksOf(type, true);
    const { bytes: size, halves } = STORED[type];
    for (const [at] of halves) {
      const broken = bytes.slice();
      new DataView(broken.buffer).setUint16(3 * size + at, bits, true);
      expect(() => repack(type, broken)).toThrow('some weights are not finite numbers');
    }
  });
});
