/** Reads a head's matrix product, in any of the forms that exporters and quantisers write. */
import { dataTypeName } from '../proto/data-type';
import type { NodeInfo, TensorInfo } from '../proto/model-types';
import type { GraphWalk } from './graph-walk';
import { fusedIntegerProduct, integerProduct } from './integer-product';
import {
  elements,
  optionalConstant,
  type Product,
  refuse,
  sizes,
  unsupportedProduct,
} from './matched-product';
import { nBitsProduct, withConstants } from './nbits-product';
import { isCode, isFloat, type Projection, type Quantization, type StoredMatrix } from './projection';

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
    case 'Add':
      return withConstants(walk, node);
    case `${MICROSOFT}.MatMulNBits`:
      return nBitsProduct(walk, node);
    case `${MICROSOFT}.MatMulIntegerToFloat`:
    case `${MICROSOFT}.DynamicQuantizeMatMul`:
      return fusedIntegerProduct(walk, node);
    case 'DequantizeLinear':
      return refuse(node, 'it rounds the logits to the few values of a calibration, which have no gradient');
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
