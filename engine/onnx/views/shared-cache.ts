/**
 * Key-value caches that are written where they are read: onnxruntime's GroupQueryAttention on the CPU puts a call's own
 * keys and values behind the past's where both are one tensor, and else writes all of them anew, once for each head.
 */
import { DataType } from '../proto/data-type';
import { type GraphBuilder, MICROSOFT } from '../proto/graph-builder';
import { type OnnxModel, outerNames } from '../proto/model-types';

const [PAST_KEY, PAST_VALUE] = [3, 4];

/**
 * Whether GroupQueryAttention alone reads the past's inputs and writes what continues them: how long a past is then
 * follows from the attention mask, and its tensors may be longer.
 */
export function canShareCache(model: OnnxModel): boolean {
  const presents = new Map<string, string>();
  const read = new Set<string>();
  for (const node of model.nodes) {
    const isGrouped = node.opType === 'GroupQueryAttention' && node.domain === MICROSOFT;
    const [, presentKey = '', presentValue = ''] = isGrouped ? node.outputs : [];
    for (const [i, input] of node.inputs.entries()) {
      if (read.has(input)) presents.delete(input);
      else if (isGrouped && i === PAST_KEY) presents.set(input, presentKey);
      else if (isGrouped && i === PAST_VALUE) presents.set(input, presentValue);
      read.add(input);
    }
    for (const name of outerNames(node)) presents.delete(name);
  }
  const inputs = new Set(model.inputs.map(({ name }) => name));
  const found = model.inputs.flatMap(({ name }) => presents.get(name) ?? []);
  const others = model.outputs.filter(({ name }) => name !== 'logits' && !found.includes(name));
  const isWhole = inputs.has('attention_mask') && inputs.has('input_ids') && found.length > 0;
  return isWhole && others.length === 0;
}

/** Of a view whose outputs may be given memory: a list, and so what onnxruntime-node does not return. */
export const UNRETURNED = 'slot_unreturned';

/** Must be written before all other outputs. */
export function writeUnreturned(builder: GraphBuilder): void {
  builder.node('SequenceConstruct', [builder.ints([0])], {}, UNRETURNED);
  builder.sequenceOutput(UNRETURNED, DataType.INT64);
}
