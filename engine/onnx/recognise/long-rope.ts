/**
 * longrope (Phi-3 and later): one table of rotary angles up to a number of tokens, another one beyond. onnxruntime-genai's
 * builder lets the attention mask's length choose in every call; all calls of a sequence must see the same table.
 */
import { DataType } from '../proto/data-type';
import { type NodeInfo, type OnnxModel, subgraphs } from '../proto/model-types';
import type { OnnxFile } from '../source/onnx-file';
import { GraphWalk } from './graph-walk';

export interface LongRope {
  /** The tensor that chooses: true for the table of long sequences. In the backbone view it is an input, a scalar. */
  readonly condition: string;
  /** The longest sequence, in tokens, that has the other table. */
  readonly threshold: number;
}

const SHAPE_STEPS = new Set(['Gather', 'Squeeze', 'Unsqueeze', 'Cast', 'Identity', 'Slice']);

/** If(Greater(length of attention_mask, constant)) between constants; undefined where there is none. */
export function longRope(file: OnnxFile, model: OnnxModel = file.model): LongRope | undefined {
  const walk = new GraphWalk(model);
  for (const choice of model.nodes) {
    if (!choosesConstants(choice)) continue;
    const [condition = ''] = choice.inputs;
    const greater = walk.producer(condition);
    if (greater?.opType !== 'Greater' || !isMaskLength(walk, greater.inputs[0] ?? '')) continue;
    const limit = walk.constant(greater.inputs[1] ?? '');
    if (limit?.dataType !== DataType.INT64) continue;
    const [threshold] = new BigInt64Array(file.readElements(limit).slice().buffer);
    if (threshold !== undefined) return { condition, threshold: Number(threshold) };
  }
  return undefined;
}

function choosesConstants(node: NodeInfo): boolean {
  const inner = subgraphs(node).flatMap(({ nodes }) => nodes);
  return node.opType === 'If' && inner.length > 0 && inner.every(({ opType }) => opType === 'Constant');
}

function isMaskLength(walk: GraphWalk, name: string): boolean {
  const node = walk.producer(name);
  if (node?.opType === 'Shape') return node.inputs[0] === 'attention_mask';
  return node !== undefined && SHAPE_STEPS.has(node.opType) && isMaskLength(walk, node.inputs[0] ?? '');
}
