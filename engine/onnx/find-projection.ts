/** Reads a head's matrix product, in any of the forms that exporters and quantisers write. */
import { badInput } from '../protocol';
import { dataTypeName } from './data-type';
import type { GraphWalk } from './graph-walk';
import { isCode, isFloat, type Projection, type Quantization, type StoredMatrix } from './projection';
import type { NodeInfo, TensorInfo } from './structure';

export interface Product {
  readonly projection: Projection;
  /** The tensor that the matrix is multiplied with. */
  readonly hidden: string;
  readonly vocab: number;
  readonly hiddenSize: number;
  readonly bias?: TensorInfo;
}

const MICROSOFT = 'com.microsoft';

/** @throws EngineError `unsupported-head` naming the node when it is none of the products known here. */
export function findProjection(walk: GraphWalk, node: NodeInfo): Product {
  const operator = node.domain ? `${node.domain}.${node.opType}` : node.opType;
  switch (operator) {
    case 'MatMul':
    case 'Gemm':
      return floatProduct(walk, node);
    case 'Mul':
      return integerProduct(walk, node);
    case `${MICROSOFT}.MatMulNBits`:
      return nBitsProduct(walk, node);
    case `${MICROSOFT}.MatMulIntegerToFloat`:
    case `${MICROSOFT}.DynamicQuantizeMatMul`:
      return fusedIntegerProduct(walk, node);
    default:
      return refuse(unsupportedProduct(walk, node) ?? node);
  }
}

function floatProduct(walk: GraphWalk, node: NodeInfo): Product {
  const found = matrix(walk, node.inputs[1] ?? '');
  if (found?.weight.dims.length !== 2) refuse(node, 'its weight is not a constant matrix');
  const { weight, transposed, quantization } = found;
  if (!(quantization ? isCode : isFloat)(weight.dataType)) {
    refuse(node, `its weight "${weight.name}" is ${dataTypeName(weight.dataType)}`);
  }
  let swapped = transposed;
  let bias: TensorInfo | undefined;
  if (node.opType === 'Gemm') {
    checkGemm(node);
    if (node.attributes.get('transB')?.i === 1n) swapped = !swapped;
    bias = optionalConstant(walk, node, node.inputs[2], 'bias');
  }
  if (elements(weight) === 0) refuse(node, 'its weight is empty');
  const stored: StoredMatrix = { weight, layout: swapped ? 'Vd' : 'dV' };
  const isGemm = node.opType === 'Gemm';
  const projection: Projection = quantization
    ? {
        kind: 'dequantized',
        operator: isGemm ? 'Gemm(DequantizeLinear)' : 'MatMul(DequantizeLinear)',
        ...stored,
        quantization,
      }
    : { kind: 'dense', operator: isGemm ? 'Gemm' : transposed ? 'MatMul(Transpose)' : 'MatMul', ...stored };
  return { projection, hidden: node.inputs[0]!, ...sizes(stored), ...(bias ? { bias } : {}) };
}

function checkGemm(node: NodeInfo): void {
  const number = (name: string) => node.attributes.get(name)?.f ?? 1;
  if (number('alpha') !== 1 || number('beta') !== 1) refuse(node, 'its alpha or beta is not 1');
  if (node.attributes.get('transA')?.i === 1n) refuse(node, 'it transposes the hidden states');
}

/** Mul(Cast(MatMulInteger(DynamicQuantizeLinear(h), codes)), activation scale · weight scale). */
function integerProduct(walk: GraphWalk, node: NodeInfo): Product {
  for (const [accumulated, scales] of [node.inputs, node.inputs.toReversed()]) {
    const cast = walk.producer(accumulated ?? '');
    const product = cast?.opType === 'Cast' ? walk.producer(cast.inputs[0] ?? '') : undefined;
    if (product?.opType !== 'MatMulInteger') continue;
    const [codes = '', weights = '', , zeroPoint] = product.inputs;
    const quantize = walk.producer(codes);
    if (quantize?.opType !== 'DynamicQuantizeLinear')
      refuse(product, 'its activations are not quantised on the fly');
    const both = walk.producer(scales ?? '');
    const scale =
      both?.opType === 'Mul' ? both.inputs.map((name) => walk.constant(name)).find(Boolean) : undefined;
    if (!scale) refuse(product, 'its weight scale is not a constant');
    return integer(walk, product, 'MatMulInteger', quantize.inputs[0]!, weights, scale, zeroPoint);
  }
  return refuse(unsupportedProduct(walk, node) ?? node);
}

/** onnxruntime's fusions of the same. */
function fusedIntegerProduct(walk: GraphWalk, node: NodeInfo): Product {
  const [a = '', weights = '', third = '', fourth, , zeroPoint, lastBias] = node.inputs;
  const isDynamic = node.opType === 'DynamicQuantizeMatMul';
  const scale = walk.constant(isDynamic ? third : (fourth ?? ''));
  if (!scale) refuse(node, 'its weight scale is not a constant');
  if (isDynamic) {
    const [, , , zero, biasName] = node.inputs;
    return integer(walk, node, 'DynamicQuantizeMatMul', a, weights, scale, zero, biasName);
  }
  const quantize = walk.producer(a);
  if (quantize?.opType !== 'DynamicQuantizeLinear')
    refuse(node, 'its activations are not quantised on the fly');
  return integer(
    walk,
    node,
    'MatMulIntegerToFloat',
    quantize.inputs[0]!,
    weights,
    scale,
    zeroPoint,
    lastBias,
  );
}

function integer(
  walk: GraphWalk,
  node: NodeInfo,
  operator: 'MatMulInteger' | 'MatMulIntegerToFloat' | 'DynamicQuantizeMatMul',
  hidden: string,
  weights: string,
  scale: TensorInfo,
  zeroPointName: string | undefined,
  biasName?: string,
): Product {
  const weight = walk.stored(weights);
  if (weight?.dims.length !== 2 || !isCode(weight.dataType))
    refuse(node, 'its weight is not a constant matrix');
  if (elements(weight) === 0) refuse(node, 'its weight is empty');
  const zeroPoint = optionalConstant(walk, node, zeroPointName, 'zero point');
  const bias = optionalConstant(walk, node, biasName, 'bias');
  const quantization: Quantization = {
    scale,
    ...(zeroPoint ? { zeroPoint } : {}),
    axis: 1,
    blockSize: 0,
  };
  const stored: StoredMatrix = { weight, layout: 'dV' };
  const projection: Projection = { kind: 'integer', operator, ...stored, quantization };
  return { projection, hidden, ...sizes(stored), ...(bias ? { bias } : {}) };
}

function nBitsProduct(walk: GraphWalk, node: NodeInfo): Product {
  const number = (name: string) => Number(node.attributes.get(name)?.i ?? 0n);
  const [bits, blockSize, hiddenSize, vocab] = ['bits', 'block_size', 'K', 'N'].map(number) as [
    number,
    number,
    number,
    number,
  ];
  if (bits !== 4 && bits !== 8) refuse(node, `its weights have ${bits} bits, not 4 or 8`);
  if (blockSize < 16 || (blockSize & (blockSize - 1)) !== 0 || hiddenSize < 1 || vocab < 1) {
    refuse(node, `its block_size ${blockSize}, K ${hiddenSize} or N ${vocab} is not valid`);
  }
  const [hidden = '', codesName = '', scalesName = '', zeroPointsName, groupIndex, biasName] = node.inputs;
  if (groupIndex) refuse(node, 'it reorders its blocks (g_idx)');
  const weight = walk.constant(codesName);
  const scales = walk.constant(scalesName);
  if (!weight || !scales) refuse(node, 'its weight or its scales are not constants');
  const blocks = vocab * Math.ceil(hiddenSize / blockSize);
  if (elements(weight) !== (blocks * blockSize * bits) / 8 || elements(scales) !== blocks) {
    refuse(node, `its weight or its scales do not have the size of ${vocab} rows of ${hiddenSize}`);
  }
  const zeroPoints = optionalConstant(walk, node, zeroPointsName, 'zero points');
  const bias = optionalConstant(walk, node, biasName, 'bias');
  const projection: Projection = {
    kind: 'nbits',
    operator: 'MatMulNBits',
    layout: 'Vd',
    bits,
    blockSize,
    weight,
    scales,
    ...(zeroPoints ? { zeroPoints } : {}),
    int8Activations: number('accuracy_level') === 4,
  };
  return { projection, hidden, vocab, hiddenSize, ...(bias ? { bias } : {}) };
}

interface FoundMatrix {
  readonly weight: TensorInfo;
  readonly transposed: boolean;
  readonly quantization?: Quantization;
}

/** Follows Transpose, Cast, Identity and DequantizeLinear back to a stored tensor. */
function matrix(walk: GraphWalk, name: string): FoundMatrix | undefined {
  const node = walk.producer(name);
  if (node?.domain === '' || node?.domain === MICROSOFT) {
    if (node.opType === 'Transpose') {
      const inner = matrix(walk, node.inputs[0] ?? '');
      if (!inner) return undefined;
      const perm = node.attributes.get('perm')?.ints ?? [];
      const swaps = perm.length === 0 || (perm.length === 2 && perm[0] === 1n);
      return { ...inner, transposed: swaps !== inner.transposed };
    }
    if (node.opType === 'Identity' || node.opType === 'Cast') return matrix(walk, node.inputs[0] ?? '');
    if (node.opType === 'DequantizeLinear') return dequantized(walk, node);
  }
  const weight = walk.stored(name);
  return weight && { weight, transposed: false };
}

function dequantized(walk: GraphWalk, node: NodeInfo): FoundMatrix | undefined {
  const [codes = '', scaleName = '', zeroPointName] = node.inputs;
  const inner = matrix(walk, codes);
  const scale = walk.constant(scaleName);
  if (!inner || inner.quantization || !scale) return undefined;
  const zeroPoint = optionalConstant(walk, node, zeroPointName, 'zero point');
  const declared = Number(node.attributes.get('axis')?.i ?? 1n);
  // The axis is that of the codes as the node sees them, which may be the stored ones transposed.
  const seen = declared < 0 ? declared + 2 : declared;
  if (seen !== 0 && seen !== 1) refuse(node, `its axis ${declared} is not one of a matrix`);
  const axis = inner.transposed ? (seen === 0 ? 1 : 0) : seen;
  const blockSize = Number(node.attributes.get('block_size')?.i ?? 0n);
  if (blockSize > 0 && inner.transposed) refuse(node, 'it dequantises a transposed matrix in blocks');
  return { ...inner, quantization: { scale, ...(zeroPoint ? { zeroPoint } : {}), axis, blockSize } };
}

function optionalConstant(
  walk: GraphWalk,
  node: NodeInfo,
  name: string | undefined,
  what: string,
): TensorInfo | undefined {
  if (!name) return undefined;
  return walk.constant(name) ?? refuse(node, `its ${what} is not a constant`);
}

function sizes({ weight, layout }: StoredMatrix): { vocab: number; hiddenSize: number } {
  const [rows, columns] = weight.dims as [number, number];
  return layout === 'dV' ? { vocab: columns, hiddenSize: rows } : { vocab: rows, hiddenSize: columns };
}

function elements({ dims }: TensorInfo): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

const UNSUPPORTED_PRODUCTS = new Set([
  'FusedMatMul',
  'MatMulBnb4',
  'MatMulFpQ4',
  'MatMulInteger',
  'MatMulIntegerToFloat',
  'QGemm',
  'QLinearMatMul',
]);

/** The matrix product that an unknown node belongs to, since its name says most. */
function unsupportedProduct(walk: GraphWalk, node: NodeInfo, steps = 4): NodeInfo | undefined {
  if (UNSUPPORTED_PRODUCTS.has(node.opType)) return node;
  if (steps === 0) return undefined;
  for (const input of node.inputs) {
    const before = walk.producer(input);
    const found = before && unsupportedProduct(walk, before, steps - 1);
    if (found) return found;
  }
  return undefined;
}

const WAY_OUT = 'Try another export of the model: dtype fp32, fp16, q4 or q8.';

function refuse(node: NodeInfo, why = 'this projection is not supported'): never {
  const operator = node.domain ? `${node.domain}.${node.opType}` : node.opType;
  throw badInput(
    'unsupported-head',
    `head node "${node.name || node.outputs[0]}" (${operator}): ${why}`,
    WAY_OUT,
  );
}
