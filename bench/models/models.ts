/** The bench's models: the starter, and random ones of Qwen2.5-0.5B's shape in float32 and 4-bit. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { STARTER_FOLDER } from '../../engine/api/engine';
import { QWEN2_5_0_5B, writeDecoder } from '../../fixtures/decoder';
import { writePackedDecoder } from './packed-decoder';

export interface BenchModel {
  readonly name: 'float32' | '4-bit' | 'starter';
  readonly folder: string;
  /** The file's name, as both sides call it. */
  readonly dtype: 'fp32' | 'q4';
}

export const SHAPE = QWEN2_5_0_5B;

export const FOLDER = fileURLToPath(new URL('../work/qwen2.5-0.5b-shape', import.meta.url));

/** Writes the random models where they are missing: 2.9 GB, kept in bench/work. */
export function benchModels(say: (line: string) => void): [BenchModel, BenchModel, BenchModel] {
  if (!existsSync(`${FOLDER}/onnx/model_q4.onnx`)) {
    say('writing random models of the shape of Qwen2.5-0.5B (2.9 GB, kept in bench/work)');
    const partial = `${FOLDER}.partial`;
    rmSync(partial, { recursive: true, force: true });
    rmSync(FOLDER, { recursive: true, force: true });
    writeDecoder(partial, SHAPE);
    writePackedDecoder(partial, SHAPE);
    renameSync(partial, FOLDER);
  }
  return [
    { name: 'float32', folder: FOLDER, dtype: 'fp32' },
    { name: '4-bit', folder: FOLDER, dtype: 'q4' },
    { name: 'starter', folder: STARTER_FOLDER, dtype: 'fp32' },
  ];
}

/** Bytes of one weight, block scales included. */
const BYTES_PER_WEIGHT = { float32: 4, '4-bit': 0.5 + 4 / 32, starter: 4 };

/** What a token's forward pass must read and multiply, for the random models. */
export function sizes({ name }: BenchModel) {
  const { layers, d, heads, kvHeads, headDim, ffn, vocab } = SHAPE;
  const attention = d * headDim * (2 * heads + 2 * kvHeads);
  const backboneWeights = layers * (attention + 3 * d * ffn);
  const headWeights = vocab * d;
  const bytes = BYTES_PER_WEIGHT[name];
  return { backboneWeights, headWeights, bytes: (backboneWeights + headWeights) * bytes };
}
