/** Products in full precision from an operator that rounds its input to 8 bits. */

/** Each term leaves at most 1/254 of what was there: three reach float32's own rounding. */
const TERMS = 3;

/**
 * x as a sum of rows, [3, d], each of which blocks of 8-bit integers hold without loss: in every block, multiples
 * of its largest magnitude / 127. W·x is then the sum of W·row, though the operator rounds each row
 * (as MatMulNBits does at accuracy_level 4).
 */
export function int8Terms(x: Float32Array, blockSize: number): Float32Array {
  const d = x.length;
  const rows = new Float32Array(TERMS * d);
  const rest = Float64Array.from(x);
  for (let term = 0; term < TERMS; term++) {
    for (let start = 0; start < d; start += blockSize) {
      const end = Math.min(start + blockSize, d);
      let largest = 0;
      for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(rest[i]!));
      const unit = Math.fround(largest / 127);
      if (unit === 0) continue;
      for (let i = start; i < end; i++) {
        const value = Math.fround(Math.round(rest[i]! / unit) * unit);
        rows[term * d + i] = value;
        rest[i]! -= value;
      }
    }
  }
  return rows;
}

/** [terms, n] → [n] */
export function sumTerms(rows: Float32Array, n: number): Float32Array {
  const total = rows.slice(0, n);
  for (let i = n; i < rows.length; i++) total[i % n]! += rows[i]!;
  return total;
}
