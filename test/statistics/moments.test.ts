import { describe, expect, it } from 'vitest';
import { MAX_MOMENTS_SIZE, Moments } from '../../engine/statistics';
import { writeMoments } from '../../engine/statistics/moments-file';
import { expectClose, fixtures } from './fixtures';

const VECTORS = fixtures.moments.vectors.map((vector) => Float32Array.from(vector));
const SIZE = VECTORS[0]!.length;

function momentsOf(vectors: readonly Float32Array[]): Moments {
  const moments = new Moments(SIZE);
  for (const vector of vectors) moments.add(vector);
  return moments;
}

function expectNumPys(moments: Moments): void {
  const { mean, sd, up, down } = fixtures.moments;
  expect(moments.count).toBe(VECTORS.length);
  for (let i = 0; i < SIZE; i++) {
    expectClose(moments.mean[i]!, mean[i]!);
    expectClose(moments.sd[i]!, sd[i]!);
  }
  expect([...moments.up]).toEqual(up);
  expect([...moments.down]).toEqual(down);
}

describe('moments', () => {
  it("are NumPy's, also of values far from 0 and of zeros", () => {
    expectNumPys(momentsOf(VECTORS));
  });

  it.each([0, 1, 9, VECTORS.length])('merge as if all had been added to one, split at %s', (at) => {
    const moments = momentsOf(VECTORS.slice(0, at));
    moments.merge(momentsOf(VECTORS.slice(at)));
    expectNumPys(moments);
  });

  it('know no spread of one vector', () => {
    const moments = momentsOf(VECTORS.slice(0, 1));
    expect([...moments.mean]).toEqual([...VECTORS[0]!]);
    expect([...moments.sd]).toEqual(new Array(SIZE).fill(Number.NaN));
    expect([...new Moments(2).mean]).toEqual([0, 0]);
  });

  it('refuse a vector that is not finite, or of another size, and are what they were', () => {
    const moments = momentsOf(VECTORS);
    const bytes = moments.toBytes();
    const odd = Float32Array.from(VECTORS[0]!);
    odd[SIZE - 1] = Number.NaN;
    expect(() => moments.add(odd)).toThrow(`entry ${SIZE - 1} is NaN`);
    expect(() => moments.add(new Float32Array(SIZE + 1))).toThrow(
      `${SIZE + 1} entries for moments of ${SIZE}`,
    );
    expect(() => moments.merge(new Moments(SIZE + 1))).toThrow(RangeError);
    expect(moments.toBytes()).toEqual(bytes);
  });

  it.each([0, 1.5, Number.NaN, MAX_MOMENTS_SIZE + 1])('refuse a vocabulary of %s', (size) => {
    expect(() => new Moments(size)).toThrow(RangeError);
  });
});

describe("moments' bytes", () => {
  it('go on where they were left, to the same bytes', () => {
    const left = momentsOf(VECTORS.slice(0, 10)).toBytes();
    // A part of a larger file: what is read does not begin at a multiple of 8.
    const file = new Uint8Array(left.length + 6);
    file.set(left, 3);
    const moments = Moments.fromBytes(file.subarray(3, -3), SIZE);
    for (const vector of VECTORS.slice(10)) moments.add(vector);
    expectNumPys(moments);
    expect(moments.toBytes()).toEqual(momentsOf(VECTORS).toBytes());
    expect(Moments.fromBytes(new Moments(3).toBytes(), 3).count).toBe(0);
  });

  it('end in the checksum that zip files have', () => {
    // zlib.crc32 of the bytes before it, by Python.
    const bytes = new Moments(1).toBytes();
    expect(new DataView(bytes.buffer).getUint32(bytes.length - 4, true)).toBe(0x4bd4f8a1);
  });

  it('are refused with any bit turned, or any byte lacking or too many', () => {
    const bytes = momentsOf(VECTORS).toBytes();
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1 << (at % 8);
      expect(() => Moments.fromBytes(damaged, SIZE)).toThrow(RangeError);
      expect(() => Moments.fromBytes(bytes.subarray(0, at), SIZE)).toThrow(RangeError);
    }
    expect(() => Moments.fromBytes(Uint8Array.of(...bytes, 0), SIZE)).toThrow('damaged moments');
    expect(() => Moments.fromBytes(bytes, SIZE + 1)).toThrow(
      `moments of ${SIZE} entries, not of ${SIZE + 1}`,
    );
  });

  it.each([
    ['an infinite mean', { mean: Number.POSITIVE_INFINITY }],
    ['a negative spread', { squares: -1 }],
    ['a spread that is no number', { squares: Number.NaN }],
    ['an infinite spread', { squares: Number.POSITIVE_INFINITY }],
    ['more signs than vectors', { up: 2, down: 2 }],
    ['a mean of no vectors', { count: 0, squares: 0, up: 0, down: 0 }],
    ['a spread of no vectors', { count: 0, mean: 0, up: 0, down: 0 }],
    ['a rise of no vectors', { count: 0, mean: 0, squares: 0, down: 0 }],
    ['a fall of no vectors', { count: 0, mean: 0, squares: 0, up: 0 }],
  ])('are refused with %s, though the checksum fits', (_, parts) => {
    const { count, mean, squares, up, down } = { count: 3, mean: 1, squares: 1, up: 1, down: 2, ...parts };
    const bytes = writeMoments({
      count,
      mean: Float64Array.of(mean),
      squares: Float64Array.of(squares),
      up: Uint32Array.of(up),
      down: Uint32Array.of(down),
    });
    expect(() => Moments.fromBytes(bytes, 1)).toThrow('no vectors have such moments');
  });
});
