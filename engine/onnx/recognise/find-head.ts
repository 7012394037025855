/**
 * Finds a decoder's head by walking back from `logits`, by structure and never by names:
 * h → [Slice | Gather of positions] → projection → [Add bias] → [Mul | Div] → [Where] → [Tanh] → [Cast] → logits.
 */
import { badInput } from '../../protocol';
import type { NodeInfo, OnnxModel, TensorInfo } from '../proto/model-types';
import { findProjection } from './find-projection';
import { GraphWalk } from './graph-walk';
import type { Product } from './matched-product';
import type { Projection } from './projection';

/** An elementwise step from the projection's output to the logits. */
export type TailOp =
  | { readonly op: 'Add'; readonly constant: TensorInfo }
  | { readonly op: 'Mul' | 'Div'; readonly constant: TensorInfo }
  /** Logits where `condition` is `kept`, the constant elsewhere. */
  | {
      readonly op: 'Where';
      readonly condition: TensorInfo;
      readonly kept: boolean;
      readonly constant: TensorInfo;
    }
  | { readonly op: 'Tanh' }
  | { readonly op: 'Cast' };

export interface Head {
  /** The tensor to cut at: the last hidden states of all positions. */
  readonly hidden: string;
  readonly projection: Projection;
  /** In order from the projection to the logits. */
  readonly tail: readonly TailOp[];
  readonly vocab: number;
  readonly hiddenSize: number;
}

const SHAPE_ONLY = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);
const POSITION_PRUNING = new Set(['Slice', 'Gather', 'GatherND', 'GatherElements']);

/** @throws EngineError `unsupported-head` naming the node that stands in the way. */
export function findHead(model: OnnxModel): Head {
  if (!model.outputs.some((output) => output.name === 'logits')) {
    throw badInput(
      'no-logits',
      'the model has no output named "logits"',
      'SLOT needs a decoder-only language model exported for text generation.',
    );
  }
  const walk = new GraphWalk(model);
  const tail: TailOp[] = [];
  let at = 'logits';
  for (;;) {
    const node = walk.producer(at);
    if (!node) {
      const hint = 'Export the model so that its logits are computed in its main graph.';
      throw badInput('unsupported-head', `"${at}" leads to no projection`, hint);
    }
    const step = tailStep(walk, node);
    if (step?.op) tail.unshift(step.op);
    if (step) at = step.input;
    else return assemble(walk, findProjection(walk, node), tail);
  }
}

function assemble(walk: GraphWalk, product: Product, tail: readonly TailOp[]): Head {
  const { projection, vocab, hiddenSize, bias } = product;
  return {
    hidden: cut(walk, product.hidden),
    projection,
    tail: bias ? [{ op: 'Add', constant: bias }, ...tail] : tail,
    vocab,
    hiddenSize,
  };
}

/** One elementwise or shape-only node of the tail; undefined when the projection is reached. */
function tailStep(walk: GraphWalk, node: NodeInfo): { input: string; op?: TailOp } | undefined {
  const [first = '', second = '', third = ''] = node.inputs;
  if (SHAPE_ONLY.has(node.opType) || POSITION_PRUNING.has(node.opType)) return { input: first };
  if (node.opType === 'Cast' || node.opType === 'Tanh') return { input: first, op: { op: node.opType } };
  if (node.opType === 'Add' || node.opType === 'Mul') {
    const constant = walk.constant(second);
    if (constant) return { input: first, op: { op: node.opType, constant } };
    const other = walk.constant(first);
    if (other) return { input: second, op: { op: node.opType, constant: other } };
  }
  if (node.opType === 'Div') {
    const constant = walk.constant(second);
    if (constant) return { input: first, op: { op: 'Div', constant } };
  }
  if (node.opType === 'Where') {
    const condition = walk.constant(first);
    const [yes, no] = [walk.constant(second), walk.constant(third)];
    if (condition && no) return { input: second, op: { op: 'Where', condition, kept: true, constant: no } };
    if (condition && yes) return { input: third, op: { op: 'Where', condition, kept: false, constant: yes } };
  }
  return undefined;
}

/** Goes back over nodes that only reshape, cast or drop positions, so that the cut has every position. */
function cut(walk: GraphWalk, name: string): string {
  const node = walk.producer(name);
  const input = node?.inputs[0] ?? '';
  const passes =
    node && (SHAPE_ONLY.has(node.opType) || POSITION_PRUNING.has(node.opType) || node.opType === 'Cast');
  return passes && !walk.constant(input) ? cut(walk, input) : name;
}
