/** What running a model will cost, told from its graph's sizes. */
import { byteLength, dataTypeName } from '../onnx/proto/data-type';
import type { OnnxModel } from '../onnx/proto/model-types';
import type { Head } from '../onnx/recognise/find-head';
import { isReadInPlace } from '../onnx/views/plan-head';
import type { ModelCard } from '../protocol';
import type { KvLayout } from './kv-cache';

/** The prompt that a card's estimates are for, in tokens. */
const PROMPT_TOKENS = 256;
/** The baseline and SLOT decode as two rows of a batch. */
const ROWS = 2;
const BLOCK_BYTES = 256 * 2 ** 20;
const KEPT_BYTES = 1.25 * 2 ** 30;
const FLOAT = 4;

/** Estimates from sizes alone; see docs/internals.md for what a step reads. */
export function costs(
  model: OnnxModel,
  { vocab, hiddenSize, projection }: Head,
  kv: KvLayout,
  weights: number,
): Pick<ModelCard, 'memory' | 'step'> {
  const n = PROMPT_TOKENS;
  const prepacked = prepackedBytes(model, projection);
  const cache = ROWS * n * kv.slots.reduce((sum, slot) => sum + bytesPerToken(slot), 0);
  const z = n * vocab * FLOAT;
  const logits = Math.min(z, KEPT_BYTES) + Math.min(z, BLOCK_BYTES);
  const head = byteLength(projection.weight.dataType, projection.weight.dims) ?? 0;
  return {
    memory: {
      weights,
      prepacked,
      cache,
      logits,
      peak: weights + prepacked + cache + logits,
      promptTokens: n,
      formula:
        'weights (mapped from the file) + prepacked copies of the matrices (with memory saver only those of 16 bits, widened) + ' +
        `key-value cache of ${ROWS} lanes + the prompt's logits (4·n·V bytes, 1.25 GiB at most) and one block of work on them`,
    },
    step: {
      bytes: 2 * head + 2 * z,
      multiplyAdds: 2 * vocab * hiddenSize + 2 * n * vocab,
      formula: "2·V·d reads of the head and 2·n·V of the prompt's logits, n tokens",
    },
  };
}

const HALVES = new Set(['float16', 'bfloat16']);
const PRODUCTS = new Set(['MatMul', 'Gemm', 'MatMulNBits', 'MatMulInteger']);

/**
 * Bytes of the constant matrices that a product reads, which onnxruntime keeps repacked; those of 16 bits as float32,
 * whether the graph casts them or onnxruntime does. A large tied head is multiplied as it lies in its file.
 */
function prepackedBytes(model: OnnxModel, projection: Head['projection']): number {
  const { kind, weight } = projection;
  let bytes = secondPacking(projection);
  const casts = model.nodes.filter(({ opType }) => opType === 'Cast');
  const cast = new Map(casts.map(({ inputs, outputs }) => [outputs[0], inputs[0] ?? '']));
  const products = model.nodes.filter(({ opType }) => PRODUCTS.has(opType));
  const matrices = new Set(products.map(({ inputs: [, matrix = ''] }) => cast.get(matrix) ?? matrix));
  if (isReadInPlace(projection)) matrices.delete(weight.name);
  // Its product may read what the graph has transposed.
  else if (kind === 'dense') matrices.add(weight.name);
  for (const name of matrices) {
    const tensor = model.initializers.get(name);
    if (!tensor) continue;
    const stored = byteLength(tensor.dataType, tensor.dims) ?? 0;
    bytes += HALVES.has(dataTypeName(tensor.dataType)) ? 2 * stored : stored;
  }
  return bytes;
}

/**
 * A head's codes of 4 bits are packed once more for a few rows that decode together, in fast arithmetic for one, too: for
 * products of 8 bits, which keep each block's scale and the sum of its zero point beside the codes.
 */
function secondPacking(projection: Head['projection']): number {
  if (projection.kind !== 'nbits' || projection.bits !== 4 || projection.int8Activations) return 0;
  const { weight, scales } = projection;
  const blocks = scales.dims.reduce((product, dim) => product * dim, 1);
  return (byteLength(weight.dataType, weight.dims) ?? 0) + 2 * FLOAT * blocks;
}

function bytesPerToken({ dims, lengthAxis, type }: KvLayout['slots'][number]): number {
  const elements = dims.reduce(
    (product, dim, axis) => (axis === 0 || axis === lengthAxis ? product : product * dim),
    1,
  );
  return elements * (type === 'float32' ? 4 : 2);
}
