/** The views that tell next-token distributions from one hidden state. */
import { DataType } from '../proto/data-type';
import { GraphBuilder } from '../proto/graph-builder';
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { tail } from './tail-nodes';

/** z [1, V], b [1, V] → the log-probabilities of tail(z + b) and their entropy, in nats. */
export function distributionView(file: OnnxFile, head: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const z = builder.input('z', DataType.FLOAT, [1, head.vocab]);
  const b = builder.input('b', DataType.FLOAT, [1, head.vocab]);
  const { logits } = tail(builder, file, head, builder.node('Add', [z, b]));
  const logprobs = builder.node('LogSoftmax', [logits], { axis: { int: 1 } }, 'logprobs');
  const p = builder.node('Exp', [logprobs]);
  sum(builder, builder.node('Mul', [p, builder.node('Neg', [finite(builder, logprobs)])]), 'entropy');
  builder.output('logprobs', DataType.FLOAT, [1, head.vocab]);
  builder.output('entropy', DataType.FLOAT, [1]);
  return builder.finish();
}

/** Two distributions' log-probabilities, [1, V] each → `kl` [1] = KL(first || second), in nats. */
export function divergenceView({ vocab }: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const logprobs = builder.input('logprobs', DataType.FLOAT, [1, vocab]);
  const baseLogprobs = builder.input('baseLogprobs', DataType.FLOAT, [1, vocab]);
  const difference = builder.node('Sub', [finite(builder, logprobs), finite(builder, baseLogprobs)]);
  sum(builder, builder.node('Mul', [builder.node('Exp', [logprobs]), difference]), 'kl');
  builder.output('kl', DataType.FLOAT, [1]);
  return builder.finish();
}

/** A masked token has log-probability -inf and must count as 0·(something finite). */
function finite(builder: GraphBuilder, logprobs: string): string {
  return builder.node('Max', [logprobs, builder.floats([-1e30], [], 'lowest')]);
}

function sum(builder: GraphBuilder, x: string, output: string): void {
  builder.node('ReduceSum', [x, builder.ints([1], [1], 'last_axis')], { keepdims: { int: 0 } }, output);
}
