/**
 * ggml's blocks, whose scales and codes lie among each other, as BlockMatrix has them: the codes as they are, and a
 * constant for what a block is shifted by. Every product that makes a scale is exact in float32; a constant is rounded
 * once, where a block's shift and scale lie so far apart that their sum needs more than 24 bits.
 * https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
 */
import { fromFloat16 } from '../../onnx/proto/float-data';
import { badInput } from '../../protocol';
import type { BlockType } from '../checkpoint';

/** As BlockMatrix has them, and in its order. */
export interface Blocks {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  readonly constants?: Float32Array;
}

interface Form {
  readonly bits: 4 | 8;
  /** Weights that share a scale. */
  readonly blockSize: 16 | 32;
  readonly hasConstants: boolean;
  /** How ggml stores so many weights, in so many bytes. */
  readonly stored: { readonly weights: 32 | 256; readonly bytes: number };
  readonly write: (
    from: Uint8Array,
    codes: Uint8Array,
    scales: Float32Array,
    constants: Float32Array,
  ) => void;
}

const FORMS: Readonly<Record<BlockType, Form>> = {
  Q4_0: { bits: 4, blockSize: 32, hasConstants: false, stored: { weights: 32, bytes: 18 }, write: writeQ40 },
  Q4_1: { bits: 4, blockSize: 32, hasConstants: true, stored: { weights: 32, bytes: 20 }, write: writeQ41 },
  Q5_0: { bits: 8, blockSize: 32, hasConstants: false, stored: { weights: 32, bytes: 22 }, write: writeQ50 },
  Q5_1: { bits: 8, blockSize: 32, hasConstants: true, stored: { weights: 32, bytes: 24 }, write: writeQ51 },
  Q8_0: { bits: 8, blockSize: 32, hasConstants: false, stored: { weights: 32, bytes: 34 }, write: writeQ80 },
  Q4_K: { bits: 4, blockSize: 32, hasConstants: true, stored: { weights: 256, bytes: 144 }, write: writeQ4K },
  Q5_K: { bits: 8, blockSize: 32, hasConstants: true, stored: { weights: 256, bytes: 176 }, write: writeQ5K },
  Q6_K: {
    bits: 8,
    blockSize: 16,
    hasConstants: false,
    stored: { weights: 256, bytes: 210 },
    write: writeQ6K,
  },
};

/** What each type becomes. 8-bit codes of fewer bits lie around 128. */
export const REPACKED: Readonly<Record<BlockType, Pick<Form, 'bits' | 'blockSize' | 'hasConstants'>>> = FORMS;

/**
 * @param bytes whole rows
 * @throws EngineError `weights-not-finite`: of an infinite scale nothing is left to multiply
 */
export function repack(type: BlockType, bytes: Uint8Array): Blocks {
  const { bits, blockSize, hasConstants, stored, write } = FORMS[type];
  const weights = (bytes.length / stored.bytes) * stored.weights;
  const codes = new Uint8Array((weights * bits) / 8);
  const scales = new Float32Array(weights / blockSize);
  const constants = new Float32Array(hasConstants ? scales.length : 0);
  write(bytes, codes, scales, constants);
  let zero = 0;
  for (let i = 0; i < scales.length; i++) zero += 0 * scales[i]!;
  for (let i = 0; i < constants.length; i++) zero += 0 * constants[i]!;
  if (zero !== 0) {
    throw badInput('weights-not-finite', 'some weights are not finite numbers', 'Get the model again.');
  }
  return hasConstants ? { codes, scales, constants } : { codes, scales };
}

function half(from: Uint8Array, at: number): number {
  return fromFloat16(from[at]! | (from[at + 1]! << 8));
}

function writeQ40(from: Uint8Array, codes: Uint8Array, scales: Float32Array): void {
  for (let block = 0, i = 0; i < from.length; block++, i += 18) {
    scales[block] = half(from, i);
    writeNibbles(from, i + 2, codes, 16 * block);
  }
}

function writeQ41(from: Uint8Array, codes: Uint8Array, scales: Float32Array, constants: Float32Array): void {
  for (let block = 0, i = 0; i < from.length; block++, i += 20) {
    const scale = half(from, i);
    scales[block] = scale;
    constants[block] = half(from, i + 2) + 8 * scale;
    writeNibbles(from, i + 4, codes, 16 * block);
  }
}

/** Of elements j and j + 16 in a byte, neighbours. */
function writeNibbles(from: Uint8Array, i: number, codes: Uint8Array, o: number): void {
  for (let k = 0; k < 8; k++) {
    const first = from[i + 2 * k]!;
    const second = from[i + 2 * k + 1]!;
    codes[o + k] = (first & 15) | ((second & 15) << 4);
    codes[o + 8 + k] = (first >> 4) | (second & 0xf0);
  }
}

function writeQ50(from: Uint8Array, codes: Uint8Array, scales: Float32Array): void {
  for (let block = 0, i = 0; i < from.length; block++, i += 22) {
    scales[block] = half(from, i);
    writeFiveBits(from, i + 2, codes, 32 * block);
  }
}

function writeQ51(from: Uint8Array, codes: Uint8Array, scales: Float32Array, constants: Float32Array): void {
  for (let block = 0, i = 0; i < from.length; block++, i += 24) {
    const scale = half(from, i);
    scales[block] = scale;
    constants[block] = half(from, i + 2) + 16 * scale;
    writeFiveBits(from, i + 4, codes, 32 * block);
  }
}

/** 32 fifth bits, then the others as `writeNibbles` finds them; around 128 instead of 16. */
function writeFiveBits(from: Uint8Array, i: number, codes: Uint8Array, o: number): void {
  const fifth = from[i]! | (from[i + 1]! << 8) | (from[i + 2]! << 16) | (from[i + 3]! << 24);
  for (let k = 0; k < 16; k++) {
    const byte = from[i + 4 + k]!;
    codes[o + k] = 112 + ((byte & 15) | (((fifth >> k) & 1) << 4));
    codes[o + 16 + k] = 112 + ((byte >> 4) | (((fifth >> (k + 16)) & 1) << 4));
  }
}

function writeQ80(from: Uint8Array, codes: Uint8Array, scales: Float32Array): void {
  for (let block = 0, i = 0; i < from.length; block++, i += 34) {
    scales[block] = half(from, i);
    for (let k = 0; k < 32; k++) codes[32 * block + k] = from[i + 2 + k]! ^ 0x80;
  }
}

/** Eight scales and eight minima of 6 bits in 12 bytes. */
function scaleOf(from: Uint8Array, i: number, part: number): number {
  return part < 4 ? from[i + part]! & 63 : (from[i + part + 4]! & 15) | ((from[i + part - 4]! >> 6) << 4);
}

function minimumOf(from: Uint8Array, i: number, part: number): number {
  return part < 4 ? from[i + part + 4]! & 63 : (from[i + part + 4]! >> 4) | ((from[i + part]! >> 6) << 4);
}

function writeQ4K(from: Uint8Array, codes: Uint8Array, scales: Float32Array, constants: Float32Array): void {
  for (let block = 0, i = 0; i < from.length; i += 144) {
    const [perScale, perMinimum] = [half(from, i), half(from, i + 2)];
    for (let part = 0; part < 8; part++, block++) {
      const scale = perScale * scaleOf(from, i + 4, part);
      scales[block] = scale;
      constants[block] = 8 * scale - perMinimum * minimumOf(from, i + 4, part);
      const at = i + 16 + 32 * (part >> 1);
      const shift = 4 * (part & 1);
      for (let k = 0; k < 16; k++) {
        const first = (from[at + 2 * k]! >> shift) & 15;
        codes[16 * block + k] = first | (((from[at + 2 * k + 1]! >> shift) & 15) << 4);
      }
    }
  }
}

function writeQ5K(from: Uint8Array, codes: Uint8Array, scales: Float32Array, constants: Float32Array): void {
  for (let block = 0, i = 0; i < from.length; i += 176) {
    const [perScale, perMinimum] = [half(from, i), half(from, i + 2)];
    for (let part = 0; part < 8; part++, block++) {
      const scale = perScale * scaleOf(from, i + 4, part);
      scales[block] = scale;
      constants[block] = 16 * scale - perMinimum * minimumOf(from, i + 4, part);
      const at = i + 48 + 32 * (part >> 1);
      const shift = 4 * (part & 1);
      for (let k = 0; k < 32; k++) {
        const fifth = (from[i + 16 + k]! >> part) & 1;
        codes[32 * block + k] = 112 + (((from[at + k]! >> shift) & 15) | (fifth << 4));
      }
    }
  }
}

function writeQ6K(from: Uint8Array, codes: Uint8Array, scales: Float32Array): void {
  for (let o = 0, i = 0; i < from.length; o += 256, i += 210) {
    const perScale = half(from, i + 208);
    for (let part = 0; part < 16; part++) {
      scales[o / 16 + part] = perScale * ((from[i + 192 + part]! << 24) >> 24);
    }
    for (let side = 0; side < 2; side++) {
      for (let k = 0; k < 32; k++) {
        const near = from[i + 64 * side + k]!;
        const far = from[i + 64 * side + 32 + k]!;
        const high = from[i + 128 + 32 * side + k]!;
        const to = o + 128 * side + k;
        // Around 128 instead of 32.
        codes[to] = 96 + ((near & 15) | ((high & 3) << 4));
        codes[to + 32] = 96 + ((far & 15) | ((high & 12) << 2));
        codes[to + 64] = 96 + ((near >> 4) | (high & 48));
        codes[to + 96] = 96 + ((far >> 4) | ((high >> 6) << 4));
      }
    }
  }
}
