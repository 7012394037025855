/** The bench's models: the starter, and random ones of Qwen2.5-0.5B's shape in float32 and 4-bit, and of SmolLM2-135M's. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { STARTER_FOLDER } from '../../engine/api/engine';
import { QWEN2_5_0_5B, SMOLLM2_135M, writeDecoder } from '../../fixtures/decoder';
import { writePackedDecoder } from './packed-decoder';

export interface BenchModel {
  readonly name: 'float32' | '4-bit' | 'SmolLM2' | 'starter';
  readonly folder: string;
  /** The file's name, as both sides call it. */
  readonly dtype: 'fp32' | 'q4';
}

/** One of Qwen2.5-0.5B's shape, which targets are set for. */
export type LargeModel = BenchModel & { readonly name: 'float32' | '4-bit' };

export function isLarge(model: BenchModel): model is LargeModel {
  return model.name === 'float32' || model.name === '4-bit';
}

export const SHAPE = QWEN2_5_0_5B;

export const FOLDER = fileURLToPath(new URL('../work/qwen2.5-0.5b-shape', import.meta.url));
const SMALL_FOLDER = fileURLToPath(new URL('../work/smollm2-135m-shape', import.meta.url));

/** Of Qwen2.5-0.5B's shape in one folder, 2.9 GB, and of SmolLM2-135M's. */
const MODELS: readonly BenchModel[] = [
  { name: 'float32', folder: FOLDER, dtype: 'fp32' },
  { name: '4-bit', folder: FOLDER, dtype: 'q4' },
  { name: 'SmolLM2', folder: SMALL_FOLDER, dtype: 'fp32' },
  { name: 'starter', folder: STARTER_FOLDER, dtype: 'fp32' },
];
export const MODEL_NAMES = MODELS.map(({ name }) => name);

/** Writes the random models of these names where they are missing; they are kept in bench/work. */
export function benchModels(names: ReadonlySet<string>, say: (line: string) => void): BenchModel[] {
  const make = (folder: string, last: string, write: (partial: string) => void) => {
    if (existsSync(`${folder}/onnx/${last}`)) return;
    say(`writing ${folder}`);
    const partial = `${folder}.partial`;
    for (const path of [partial, folder]) rmSync(path, { recursive: true, force: true });
    write(partial);
    renameSync(partial, folder);
  };
  if (names.has('float32') || names.has('4-bit'))
    make(FOLDER, 'model_q4.onnx', (partial) => {
      writeDecoder(partial, SHAPE);
      writePackedDecoder(partial, SHAPE);
    });
  if (names.has('SmolLM2'))
    make(SMALL_FOLDER, 'model.onnx', (partial) => writeDecoder(partial, SMOLLM2_135M));
  return MODELS.filter(({ name }) => names.has(name));
}

/** Bytes of one weight, block scales included. */
const BYTES_PER_WEIGHT = { float32: 4, '4-bit': 0.5 + 4 / 32 };

/** What a token's forward pass must read and multiply. */
export function sizes({ name }: LargeModel) {
  const { layers, d, heads, kvHeads, headDim, ffn, vocab } = SHAPE;
  const attention = d * headDim * (2 * heads + 2 * kvHeads);
  const backboneWeights = layers * (attention + 3 * d * ffn);
  const headWeights = vocab * d;
  const bytes = BYTES_PER_WEIGHT[name];
  return { backboneWeights, headWeights, bytes: (backboneWeights + headWeights) * bytes };
}
