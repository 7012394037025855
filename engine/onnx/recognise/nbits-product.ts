/** Reads a product with codes of few bits, alone or with constants by block, as views/block-product.ts writes them. */
import { DataType } from '../proto/data-type';
import { MICROSOFT } from '../proto/graph-builder';
import type { NodeInfo } from '../proto/model-types';
import type { GraphWalk } from './graph-walk';
import { elements, optionalConstant, type Product, refuse, unsupportedProduct } from './matched-product';
import type { NBitsProjection } from './projection';

interface NBitsProduct extends Product {
  readonly projection: NBitsProjection;
}

/** com.microsoft MatMulNBits. */
export function nBitsProduct(walk: GraphWalk, node: NodeInfo): NBitsProduct {
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
  const perRow = Math.ceil(hiddenSize / blockSize);
  const blocks = vocab * perRow;
  if (elements(weight) !== (blocks * blockSize * bits) / 8 || elements(scales) !== blocks) {
    refuse(node, `its weight or its scales do not have the size of ${vocab} rows of ${hiddenSize}`);
  }
  const zeroPoints = optionalConstant(walk, node, zeroPointsName, 'zero points');
  // Packed: each row begins at a whole byte.
  const packed = vocab * Math.ceil((perRow * bits) / 8);
  if (zeroPoints && elements(zeroPoints) !== (zeroPoints.dataType === DataType.UINT8 ? packed : blocks))
    refuse(node, `its zero points do not have the size of ${vocab} rows of ${hiddenSize}`);
  const bias = optionalConstant(walk, node, biasName, 'bias');
  const projection: NBitsProjection = {
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

/** Add(MatMulNBits(h), FusedMatMul(ReduceSum(Reshape(h, [0, …, -1, blockSize]), [-1]), constantsᵀ)). */
export function withConstants(walk: GraphWalk, node: NodeInfo): Product {
  for (const [of, sums] of [node.inputs, node.inputs.toReversed()]) {
    const codes = walk.producer(of ?? '');
    const added = walk.producer(sums ?? '');
    if (!is(codes, 'MatMulNBits', MICROSOFT) || !is(added, 'FusedMatMul', MICROSOFT)) continue;
    const product = nBitsProduct(walk, codes);
    const { projection, vocab, hiddenSize, hidden } = product;
    const name = added.inputs[1] ?? '';
    const constants = walk.stored(name);
    const blocks = hiddenSize / projection.blockSize;
    const isMatrix = constants?.dims.length === 2 && constants.dataType === DataType.FLOAT;
    if (!isMatrix || constants.dims[0] !== vocab || constants.dims[1] !== blocks) {
      refuse(added, `its matrix is not a float32 constant of ${vocab} rows of ${blocks}`);
    }
    if (rankOfSummed(walk, added, hidden, projection.blockSize) === undefined) {
      refuse(added, 'it does not multiply sums of the hidden states by block');
    }
    return { ...product, projection: { ...projection, constants } };
  }
  return refuse(unsupportedProduct(walk, node) ?? node);
}

/**
 * Of a FusedMatMul that multiplies the sums of `x` by block with a matrix transposed, and does nothing else: how many axes
 * x has. Undefined for any other.
 */
export function rankOfSummed(
  walk: GraphWalk,
  node: NodeInfo,
  x: string,
  blockSize: number,
): number | undefined {
  return isPlain(node) ? rankOfBlocks(walk, node.inputs[0] ?? '', x, blockSize) : undefined;
}

function is(node: NodeInfo | undefined, opType: string, domain = ''): node is NodeInfo {
  return node?.opType === opType && node.domain === domain;
}

/** x·Yᵀ and nothing else. */
function isPlain({ attributes }: NodeInfo): boolean {
  const flag = (name: string) => attributes.get(name)?.i ?? 0n;
  const isOnce = (attributes.get('alpha')?.f ?? 1) === 1;
  return isOnce && flag('transB') === 1n && !flag('transA') && !flag('transBatchA') && !flag('transBatchB');
}

function rankOfBlocks(walk: GraphWalk, name: string, x: string, blockSize: number): number | undefined {
  const sum = walk.producer(name);
  if (!is(sum, 'ReduceSum') || sum.attributes.get('keepdims')?.i !== 0n) return undefined;
  const blocks = walk.producer(sum.inputs[0] ?? '');
  if (!is(blocks, 'Reshape') || blocks.inputs[0] !== x || blocks.attributes.get('allowzero')?.i)
    return undefined;
  const [axis, ...more] = walk.integers(sum.inputs[1] ?? '') ?? [];
  const shape = walk.integers(blocks.inputs[1] ?? '') ?? [];
  const rank = shape.length;
  const isLast = more.length === 0 && (axis === -1 || axis === rank - 1);
  const isParted = shape[rank - 1] === blockSize && shape[rank - 2] === -1;
  return isLast && isParted && shape.slice(0, -2).every(isZero) ? rank - 1 : undefined;
}

function isZero(value: number): boolean {
  return value === 0;
}
