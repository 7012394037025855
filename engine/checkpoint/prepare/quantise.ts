/**
 * Floats into blocks of 32 codes with a scale, rounded to the nearest. Throughout, `from` holds whole blocks, and what is
 * not finite is refused: a block has one scale, so a single such weight would take 31 others with it.
 */
import { badInput } from '../../protocol';
import type { Blocks } from './repack';

export const BLOCK_SIZE = 32;

/** Below this a reciprocal overflows; a block of such weights is 0. */
const SMALLEST = 2 ** -120;

/** w = scale·(code − 128), symmetric: 0 stays 0, and what was stored in such blocks before comes back bit for bit. */
export function quantise8(from: Float32Array): Blocks {
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

/** @param zero 0 times what is to be finite */
function checkFinite(zero: number): void {
  if (zero === 0) return;
  throw badInput('weights-not-finite', 'some weights are not finite numbers', 'Get the model again.');
}
