/** The views that tell next-token distributions from one hidden state. */
import { DataType } from '../proto/data-type';
import { GraphBuilder } from '../proto/graph-builder';
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { tail } from './tail-nodes';

/** z [1, V], b [1, V] → log-probabilities, entropies and KL(adapted || base), in nats. */
export function distributionView(file: OnnxFile, head: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const z = builder.input('z', DataType.FLOAT, [1, head.vocab]);
  const b = builder.input('b', DataType.FLOAT, [1, head.vocab]);
  const adapted = tail(builder, file, head, builder.node('Add', [z, b])).logits;
  const base = tail(builder, file, head, z).logits;
  const logprobs = builder.node('LogSoftmax', [adapted], { axis: { int: 1 } }, 'logprobs');
  const baseLogprobs = builder.node('LogSoftmax', [base], { axis: { int: 1 } }, 'baseLogprobs');
  const p = builder.node('Exp', [logprobs]);
  const log = finite(builder, logprobs);
  const baseLog = finite(builder, baseLogprobs);
  sum(builder, builder.node('Mul', [p, builder.node('Neg', [log])]), 'entropy');
  const basep = builder.node('Exp', [baseLogprobs]);
  sum(builder, builder.node('Mul', [basep, builder.node('Neg', [baseLog])]), 'baseEntropy');
  sum(builder, builder.node('Mul', [p, builder.node('Sub', [log, baseLog])]), 'kl');
  for (const name of ['logprobs', 'baseLogprobs']) builder.output(name, DataType.FLOAT, [1, head.vocab]);
  for (const name of ['entropy', 'baseEntropy', 'kl']) builder.output(name, DataType.FLOAT, [1]);
  return builder.finish();
}

/** z [1, V], b [1, V] → the most probable token, the first of equals, and the entropy. */
export function choiceView(file: OnnxFile, head: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const z = builder.input('z', DataType.FLOAT, [1, head.vocab]);
  const b = builder.input('b', DataType.FLOAT, [1, head.vocab]);
  const { logits } = tail(builder, file, head, builder.node('Add', [z, b]));
  // Rounding makes equals of logits that are not: the choice is among what is rounded.
  const logprobs = builder.node('LogSoftmax', [logits], { axis: { int: 1 } });
  builder.node('ArgMax', [logprobs], { axis: { int: 1 }, keepdims: { int: 0 } }, 'best');
  const p = builder.node('Exp', [logprobs]);
  sum(builder, builder.node('Mul', [p, builder.node('Neg', [finite(builder, logprobs)])]), 'entropy');
  builder.output('best', DataType.INT64, [1]);
  builder.output('entropy', DataType.FLOAT, [1]);
  return builder.finish();
}

/** A masked token has log-probability -inf and must count as 0·(something finite). */
function finite(builder: GraphBuilder, logprobs: string): string {
  return builder.node('Max', [logprobs, builder.floats([-1e30], [], 'lowest')]);
}

function sum(builder: GraphBuilder, x: string, output: string): void {
  builder.node('ReduceSum', [x, builder.ints([1], [1], 'last_axis')], { keepdims: { int: 0 } }, output);
}
