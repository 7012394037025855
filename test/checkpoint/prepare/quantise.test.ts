/** Quantisers against their definition: the nearest code, and no grid that is worse than the obvious one. */
import { expect, it } from 'vitest';
import { quantise4 } from '../../../engine/checkpoint/prepare/quantise';
import type { Blocks } from '../../../engine/checkpoint/prepare/repack';
import { widen } from '../../../engine/checkpoint/prepare/widen';
import { quantise8 } from '../../../engine/onnx/views/int8-blocks';
import { bytesOf, normal } from './support';

const WEIGHTS = normal(64 * 32);

function byBlock(count: number): number[] {
  return Array.from({ length: count / 32 }, (_, i) => 32 * i);
}

function decode8({ codes, scales }: Blocks): Float64Array {
  return Float64Array.from(codes, (code, i) => scales[i >> 5]! * (code - 128));
}

function decode4({ codes, scales, constants }: Blocks): Float64Array {
  return Float64Array.from({ length: 2 * codes.length }, (_, i) => {
    const code = (codes[i >> 1]! >> (4 * (i & 1))) & 15;
    return scales[i >> 5]! * (code - 8) + (constants?.[i >> 5] ?? 0);
  });
}

function largest(weights: Float32Array, start: number): number {
  return Math.max(...weights.subarray(start, start + 32).map(Math.abs));
}

it('8 bits: the scale of the largest weight, and every weight within half a step', () => {
  const blocks = quantise8(WEIGHTS);
  const decoded = decode8(blocks);
  for (const start of byBlock(WEIGHTS.length)) {
    const scale = blocks.scales[start / 32]!;
    expect(scale).toBe(Math.fround(largest(WEIGHTS, start) / 127));
    for (let i = start; i < start + 32; i++)
      expect(Math.abs(decoded[i]! - WEIGHTS[i]!)).toBeLessThanOrEqual(scale * 0.50001);
  }
});

it('8 bits give back what was stored in such blocks', () => {
  const stored = Float32Array.from(decode8(quantise8(WEIGHTS)));
  expect(Float32Array.from(decode8(quantise8(stored)))).toEqual(stored);
});

it('4 bits: the nearest of 16 steps, with less error than from the least to the largest weight', () => {
  const blocks = quantise4(WEIGHTS);
  const decoded = decode4(blocks);
  let [error, plain] = [0, 0];
  for (const start of byBlock(WEIGHTS.length)) {
    const block = WEIGHTS.subarray(start, start + 32);
    const least = Math.min(...block);
    const step = (Math.max(...block) - least) / 15;
    const { [start / 32]: scale = 0 } = blocks.scales;
    const first = blocks.constants[start / 32]! - 8 * scale;
    block.forEach((weight, i) => {
      const code = Math.min(15, Math.max(0, Math.round((weight - first) / scale)));
      expect(decoded[start + i]).toBeCloseTo(first + scale * code, 5);
      error += (decoded[start + i]! - weight) ** 2;
      plain += (Math.round((weight - least) / step) * step + least - weight) ** 2;
    });
  }
  expect(error).toBeLessThan(0.92 * plain);
});

it('4 bits give back what was on a grid of 16 steps', () => {
  const grid = Float32Array.from({ length: 64 }, (_, i) => 0.25 * ((i * 7) % 16) - 1);
  expect(decode4(quantise4(grid))).toEqual(Float64Array.from(grid));
});

it.each([0, 1e-44, -3.5, 3e38])('a block of equal weights, %f, stays what it is', (weight) => {
  const block = new Float32Array(32).fill(weight);
  const near = (values: Float64Array) => {
    for (const value of values)
      expect(Math.abs(value - block[0]!)).toBeLessThan(Math.abs(weight) / 119 + 1e-36);
  };
  near(decode8(quantise8(block)));
  near(decode4(quantise4(block)));
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %f', (weight) => {
  const weights = normal(64);
  weights[40] = weight;
  for (const quantise of [quantise8, quantise4]) expect(() => quantise(weights)).toThrow('not finite');
});

it('widens float16 and bfloat16 by their bits', () => {
  const halves = new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff).buffer);
  expect([...widen(halves, 'F16')]).toEqual([1, -2, 2 ** -24, 65504]);
  const brains = new Uint8Array(Uint16Array.of(0x3f80, 0xc000, 0x0001, 0x7f7f).buffer);
  expect([...widen(brains, 'BF16')]).toEqual([1, -2, 2 ** -133, (2 - 2 ** -7) * 2 ** 127]);
  const floats = normal(8);
  expect(widen(bytesOf(floats).slice(), 'F32')).toEqual(floats);
});
