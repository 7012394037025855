/** A generated decoder's weights: their names, shapes and numbers, the same for the file and the reference. */
import { fromFloat16, toFloat16 } from './float16';
import type { DecoderOptions } from './options';
import { RandomFill } from './random-fill';

export interface WeightSpec {
  readonly name: string;
  readonly dims: readonly number[];
  readonly mean: number;
  readonly deviation: number;
}

export const EMBEDDING = 'model.embed_tokens.weight';
export const POSITIONS = 'model.embed_positions.weight';
export const FINAL_NORM = 'model.norm.weight';
export const HEAD_BIAS = 'lm_head.bias';

export function headWeightName({ tied }: DecoderOptions): string {
  return tied ? EMBEDDING : 'lm_head.weight';
}

export const layerWeight = (layer: number, part: string) => `model.layers.${layer}.${part}`;

/** Matrices of a layer are stored [in, out], as exports keep them for MatMul. */
export function weightSpecs(options: DecoderOptions): WeightSpec[] {
  const { layers, d, heads, kvHeads, headDim, ffn, vocab } = options;
  const specs: WeightSpec[] = [];
  const add = (name: string, dims: readonly number[], mean: number, deviation: number) => {
    specs.push({ name, dims, mean, deviation });
  };
  const matrix = (name: string, rows: number, columns: number, gain = 1) =>
    add(name, [rows, columns], 0, gain / Math.sqrt(rows));

  add(EMBEDDING, [vocab, d], 0, options.logitSize / Math.sqrt(d));
  if (options.learnedPositions) add(POSITIONS, [options.contextLength, d], 0, 0.5);
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string) => layerWeight(layer, part);
    add(name('input_layernorm.weight'), [d], 1, 0.1);
    for (const [part, size] of [
      ['q_proj', heads * headDim],
      ['k_proj', kvHeads * headDim],
      ['v_proj', kvHeads * headDim],
    ] as const) {
      matrix(name(`attn.${part}.weight`), d, size, 1.5);
      if (options.qkvBias) add(name(`attn.${part}.bias`), [size], 0, 0.3);
    }
    matrix(name('attn.o_proj.weight'), heads * headDim, d);
    add(name('post_attention_layernorm.weight'), [d], 1, 0.1);
    matrix(name('mlp.gate_proj.weight'), d, ffn);
    matrix(name('mlp.up_proj.weight'), d, ffn);
    matrix(name('mlp.down_proj.weight'), ffn, d);
  }
  add(FINAL_NORM, [d], 1, 0.1);
  if (!options.tied) {
    const dims = options.head === 'MatMul' ? [d, vocab] : [vocab, d];
    add(headWeightName(options), dims, 0, options.logitSize / Math.sqrt(d));
  }
  if (options.gemmBias || options.tail.some(({ op }) => op === 'Add')) add(HEAD_BIAS, [vocab], 0, 1);
  return specs;
}

/** Every weight in the file's order, its numbers in chunks. */
export function* weightChunks(
  options: DecoderOptions,
): Generator<{ spec: WeightSpec; chunks: Iterable<Float32Array> }> {
  const fill = new RandomFill(options.seed);
  for (const spec of weightSpecs(options)) {
    const count = spec.dims.reduce((product, dim) => product * dim, 1);
    yield { spec, chunks: fill.chunks(count, spec.mean, spec.deviation) };
  }
}

/** All weights as the file holds them (rounded to float16 where it does), by name; for small models. */
export function readWeights(options: DecoderOptions): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  for (const { spec, chunks } of weightChunks(options)) {
    const values = Array.from(chunks, (chunk) => [...chunk]).flat();
    const stored = options.dtype === 'float32' ? values : values.map((v) => fromFloat16(toFloat16(v)));
    weights.set(spec.name, Float32Array.from(stored));
  }
  return weights;
}
