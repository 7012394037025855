/** Floats into blocks of 32 codes of 4 bits; those of 8 are in onnx/views/int8-blocks.ts, where what is refused is told. */
import { BLOCK_SIZE, checkFinite, SMALLEST } from '../../onnx/views/int8-blocks';
import type { Blocks } from './repack';

/** Rounds of fitting: each lowers the squared error or keeps it, the first by the most. */
const FITS = 2;

/**
 * w = scale·(code − 8) + constant. The grid begins at a block's least and ends at its largest weight, then is fitted
 * to them by least squares, in turns with rounding: on normal weights 0.73 of the squared error of the best symmetric
 * grid of 16 steps, and nothing is lost of weights that came from such a grid.
 */
export function quantise4(from: Float32Array): Blocks & { readonly constants: Float32Array } {
  const codes = new Uint8Array(from.length / 2);
  const scales = new Float32Array(from.length / BLOCK_SIZE);
  const constants = new Float32Array(from.length / BLOCK_SIZE);
  const block = new Float64Array(BLOCK_SIZE);
  for (let at = 0; at < scales.length; at++) {
    for (let k = 0; k < BLOCK_SIZE; k++) block[k] = from[at * BLOCK_SIZE + k]!;
    const { scale, first } = fitGrid(block);
    const stored = Math.fround(scale);
    scales[at] = stored;
    constants[at] = first + 8 * stored;
    const perScale = stored < SMALLEST ? 0 : 1 / stored;
    for (let k = 0, o = (at * BLOCK_SIZE) / 2; k < BLOCK_SIZE; k += 2, o++) {
      codes[o] = nearest((block[k]! - first) * perScale) | (nearest((block[k + 1]! - first) * perScale) << 4);
    }
  }
  return { codes, scales, constants };
}

function fitGrid(block: Float64Array): { readonly scale: number; readonly first: number } {
  let least = block[0]!;
  let most = least;
  let sum = 0;
  for (let k = 0; k < BLOCK_SIZE; k++) {
    const weight = block[k]!;
    if (weight < least) least = weight;
    else if (weight > most) most = weight;
    sum += weight;
  }
  checkFinite(0 * sum);
  let scale = (most - least) / 15;
  let first = least;
  if (scale < SMALLEST) return { scale: 0, first };
  for (let fit = 0; fit < FITS; fit++) {
    const perScale = 1 / scale;
    let codes = 0;
    let squares = 0;
    let products = 0;
    for (let k = 0; k < BLOCK_SIZE; k++) {
      const code = nearest((block[k]! - first) * perScale);
      codes += code;
      squares += code * code;
      products += code * block[k]!;
    }
    const spread = BLOCK_SIZE * squares - codes * codes;
    if (spread === 0) break;
    scale = (BLOCK_SIZE * products - codes * sum) / spread;
    first = (sum - scale * codes) / BLOCK_SIZE;
  }
  return { scale, first };
}

function nearest(steps: number): number {
  const code = (steps + 0.5) | 0;
  return code < 0 ? 0 : code > 15 ? 15 : code;
}
