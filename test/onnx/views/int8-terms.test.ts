/** Rows as sums of terms that 8-bit integers in blocks hold without loss, and the chunks of a vocabulary. */
import { expect, it } from 'vitest';
import { FAST_TERMS, int8Terms, TERMS } from '../../../engine/onnx/views/int8-terms';
import { vocabularyChunks } from '../../../engine/onnx/views/vocabulary-chunks';
import { vector } from '../runtime/head-files';

it.each([
  ['whole blocks', 64, 32],
  ['rows that end within a block', 72, 32],
  ['rows shorter than a block', 20, 32],
])('terms of %s are multiples of a unit, 127 at most, and come to the row', (_, d, blockSize) => {
  const rows = 3;
  const x = vector(rows * d, 1);
  // Blocks of other sizes, and one of nothing.
  for (let i = 0; i < d; i++) x[d + i]! *= 1e4;
  x.fill(0, 2 * d, 2 * d + blockSize);
  const terms = int8Terms(x, d, blockSize);
  expect(terms).toHaveLength(TERMS * x.length);
  for (let row = 0; row < rows; row++)
    for (let start = 0; start < d; start += blockSize) {
      const block = (values: Float32Array, of: number) =>
        [...values.subarray(of * d, (of + 1) * d)].slice(start, start + blockSize);
      const parts = Array.from({ length: TERMS }, (_, term) => block(terms, TERMS * row + term));
      const largestOf = (values: readonly number[]) => Math.max(...values.map(Math.abs));
      for (const part of parts) {
        const unit = largestOf(part) / 127 || 1;
        for (const value of part) expect(value / unit).toBeCloseTo(Math.round(value / unit), 4);
      }
      const whole = block(x, row);
      const error = whole.map((value, i) => value - parts.reduce((sum, part) => sum + part[i]!, 0));
      expect(largestOf(error)).toBeLessThanOrEqual(2 ** -23 * largestOf(whole));
    }
});

it('two terms are the first two of three', () => {
  const [d, blockSize] = [72, 32];
  const x = vector(2 * d, 1);
  const [two, three] = [int8Terms(x, d, blockSize, FAST_TERMS), int8Terms(x, d, blockSize)];
  const rowsOf = (terms: Float32Array, count: number) =>
    [0, 1].flatMap((row) => [...terms.subarray(row * count * d, (row * count + FAST_TERMS) * d)]);
  expect(two).toHaveLength(FAST_TERMS * x.length);
  expect(rowsOf(two, FAST_TERMS)).toEqual(rowsOf(three, TERMS));
});

it.each([
  [3, 2, 16],
  [33, 2, 32],
  [4096, 2, 2048],
  [4097, 3, 1376],
  [49_152, 24, 2048],
  [151_936, 75, 2032],
])('%i tokens are %i chunks of %i', (vocab, count, size) => {
  expect(vocabularyChunks(vocab)).toEqual({ count, size });
});
