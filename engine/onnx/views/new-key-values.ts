/**
 * The keys and values of a call's own tokens, without those of its past. onnxruntime-node copies what it returns: for
 * each token the whole cache, where these are one token's.
 */
import { type GraphBuilder, MICROSOFT } from '../proto/graph-builder';
import { type OnnxModel, outerNames } from '../proto/model-types';

/** [batch, heads of all inputs of the past in their order, sequence, size] */
export const NEW_KEY_VALUES = 'slot_new_key_values';

const [PAST_KEY, PAST_VALUE] = [3, 4];

/**
 * The outputs that continue the past's inputs, in the inputs' order, where GroupQueryAttention alone reads and writes
 * them: how long a past is then follows from the attention mask, and its tensors may be longer. Undefined elsewhere.
 */
export function groupedPresents(model: OnnxModel): string[] | undefined {
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
  return isWhole && others.length === 0 ? found : undefined;
}

/** Every row's new tokens are the last that its mask counts, as in batches without padding. */
export function writeNewKeyValues(builder: GraphBuilder, presents: readonly string[]): void {
  const sizeOf = (input: string) =>
    builder.node('Gather', [builder.node('Shape', [input]), builder.ints([1])]);
  const end = sizeOf('attention_mask');
  const start = builder.node('Sub', [end, sizeOf('input_ids')]);
  const axis = builder.ints([2]);
  const parts = presents.map((present) => builder.node('Slice', [present, start, end, axis]));
  builder.node('Concat', parts, { axis: { int: 1 } }, NEW_KEY_VALUES);
}
