/**
 * Floats into blocks of 32 codes of 8 bits with a scale, rounded to the nearest. Throughout, `from` holds whole blocks, and
 * what is not finite is refused: a block has one scale, so a single such weight would take 31 others with it.
 */
import { badInput } from '../../protocol';

export const BLOCK_SIZE = 32;

/** Below this a reciprocal overflows; a block of such weights is 0. */
export const SMALLEST = 2 ** -120;

/** w = scale·(code − 128), symmetric: 0 stays 0, and what was stored in such blocks before comes back bit for bit. */
export function quantise8(from: Float32Array): {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
} {
  const codes = new Uint8Array(from.length);
  const scales = new Float32Array(from.length / BLOCK_SIZE);
  for (let block = 0, i = 0; i < from.length; block++) {
    const end = i + BLOCK_SIZE;
    let largest = 0;
    let sign = 0;
    for (let k = i; k < end; k++) {
      const weight = from[k]!;
      const size = weight < 0 ? -weight : weight;
      if (size > largest) largest = size;
      sign += 0 * weight;
    }
    checkFinite(sign);
    scales[block] = largest / 127;
    const perScale = largest < SMALLEST ? 0 : 1 / scales[block]!;
    for (; i < end; i++) {
      const code = (from[i]! * perScale + 128.5) | 0;
      codes[i] = code > 255 ? 255 : code;
    }
  }
  return { codes, scales };
}

/** @param zero 0 times what is to be finite */
export function checkFinite(zero: number): void {
  if (zero === 0) return;
  throw badInput('weights-not-finite', 'some weights are not finite numbers', 'Get the model again.');
}
