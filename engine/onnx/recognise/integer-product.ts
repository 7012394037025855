/** Products of activations that are quantised on the fly, as onnxruntime's dynamic quantiser and fusions write them. */

import type { NodeInfo, TensorInfo } from '../proto/model-types';
import type { GraphWalk } from './graph-walk';
import {
  elements,
  optionalConstant,
  type Product,
  refuse,
  sizes,
  unsupportedProduct,
} from './matched-product';
import { isCode, type Projection, type Quantization, type StoredMatrix } from './projection';

/** Mul(Cast(MatMulInteger(DynamicQuantizeLinear(h), codes)), activation scale · weight scale). */
export function integerProduct(walk: GraphWalk, node: NodeInfo): Product {
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

/** The single nodes that onnxruntime's optimiser makes of that chain. */
export function fusedIntegerProduct(walk: GraphWalk, node: NodeInfo): Product {
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
