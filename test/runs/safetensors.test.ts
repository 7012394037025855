/** Safetensors files whose header says what their bytes do not: refused, and nothing is made as large as it says. */
import { expect, it } from 'vitest';
import { decodeSafetensors } from '../../engine/runs/safetensors';

function file(header: unknown, bytes = 0): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(bytes)]);
}
const tensor = (shape: readonly number[], to = 0) => ({ dtype: 'F32', shape, data_offsets: [0, to] });

it.each([
  ['no rows of many columns', [0, 1000], 0],
  ['one number', [], 4],
  ['rows', [2, 3], 24],
] as const)('%s are read', (_, shape, bytes) => {
  const { data } = decodeSafetensors(file({ a: tensor(shape, bytes) }, bytes)).get('a')!;
  expect(data).toHaveLength(bytes / 4);
});

it.each([
  ['rows of nothing', [2 ** 40, 0], 0],
  ['as many rows of nothing as a list may have', [2 ** 24, 0], 0],
  ['a product that overflows to nothing', [2 ** 52, 2 ** 52, 0], 0],
  ['one huge row', [1, 2 ** 40], 4],
  ['more dimensions than a tensor has', Array(1000).fill(1), 4],
  ['a size below zero', [-1, -1], 4],
] as const)('%s are refused', (_, shape, bytes) => {
  expect(() => decodeSafetensors(file({ a: tensor(shape, bytes) }, bytes))).toThrow(
    expect.objectContaining({ name: 'EngineError' }),
  );
});
