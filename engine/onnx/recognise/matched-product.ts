/** What all of a head's matrix products have in common, and how one is refused. */
import { badInput } from '../../protocol';
import type { NodeInfo, TensorInfo } from '../proto/model-types';
import type { GraphWalk } from './graph-walk';
import type { Projection, StoredMatrix } from './projection';

export interface Product {
  readonly projection: Projection;
  /** The tensor that the matrix is multiplied with. */
  readonly hidden: string;
  readonly vocab: number;
  readonly hiddenSize: number;
  readonly bias?: TensorInfo;
}

export function optionalConstant(
  walk: GraphWalk,
  node: NodeInfo,
  name: string | undefined,
  what: string,
): TensorInfo | undefined {
  if (!name) return undefined;
  return walk.constant(name) ?? refuse(node, `its ${what} is not a constant`);
}

export function sizes({ weight, layout }: StoredMatrix): { vocab: number; hiddenSize: number } {
  const [rows, columns] = weight.dims as [number, number];
  return layout === 'dV' ? { vocab: columns, hiddenSize: rows } : { vocab: rows, hiddenSize: columns };
}

export function elements({ dims }: TensorInfo): number {
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
export function unsupportedProduct(walk: GraphWalk, node: NodeInfo, steps = 4): NodeInfo | undefined {
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

export function refuse(node: NodeInfo, why = 'this projection is not supported'): never {
  const operator = node.domain ? `${node.domain}.${node.opType}` : node.opType;
  throw badInput(
    'unsupported-head',
    `head node "${node.name || node.outputs[0]}" (${operator}): ${why}`,
    WAY_OUT,
  );
}
