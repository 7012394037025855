/** Products in full precision from an operator that rounds its input to 8 bits. */

/** Each term reduces the remainder to at most 1/254: three reach float32's rounding. */
export const TERMS = 3;

/** What fast arithmetic decodes with: off by up to 1.6e-5 of a block's largest, where its layers are by up to 4e-3. */
export const FAST_TERMS = 2;

/**
 * Each row of x [rows, d] as a sum of terms, [rows, terms, d], which blocks of 8-bit integers hold without loss: in
 * every block, multiples of its largest magnitude / 127. W·x is then the sum of W·term, though the operator rounds
 * each term (as MatMulNBits does at accuracy_level 4).
 */
export function int8Terms(x: Float32Array, d: number, blockSize: number, count = TERMS): Float32Array {
  const terms = new Float32Array(count * x.length);
  const rest = new Float64Array(x);
  for (let start = 0; start < x.length; ) {
    const row = Math.floor(start / d);
    const end = Math.min(start + blockSize, (row + 1) * d);
    for (let term = 0; term < count; term++) {
      let largest = 0;
      for (let i = start; i < end; i++) {
        const size = Math.abs(rest[i]!);
        // Also where it is NaN, which is to be seen in all that is made of it.
        if (!(size <= largest)) largest = size;
      }
      const unit = Math.fround(largest / 127);
      if (unit === 0) break;
      const to = (count * row + term) * d - row * d;
      for (let i = start; i < end; i++) {
        const value = Math.fround(Math.round(rest[i]! / unit) * unit);
        terms[to + i] = value;
        rest[i]! -= value;
      }
    }
    start = end;
  }
  return terms;
}
