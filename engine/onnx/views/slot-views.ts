/** The views that a SLOT step sums its loss and its derivative with; b = W·delta is the same at all positions. */
import { DataType } from '../proto/data-type';
import { GraphBuilder } from '../proto/graph-builder';
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { crossEntropy } from './projection-outputs';
import { tail } from './tail-nodes';

/**
 * p [m, V] = softmax(logits), shift [1, V], highest [] its largest element, weights [1, m] → with
 * s = exp(shift - highest), `sums` [1, m] = p·s and `meanP` [1, V] = Σ weights·softmax(logits + shift), as
 * softmax(logits + shift) = p⊙s / (p·s).
 */
export function shiftedSoftmaxView({ vocab }: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const p = builder.input('p', DataType.FLOAT, ['m', vocab]);
  const shift = builder.input('shift', DataType.FLOAT, [1, vocab]);
  const highest = builder.input('highest', DataType.FLOAT, []);
  const weights = builder.input('weights', DataType.FLOAT, [1, 'm']);
  const s = builder.node('Exp', [builder.node('Sub', [shift, highest])]);
  const sums = builder.node('Gemm', [s, p], { transB: { int: 1 } }, 'sums');
  const shares = builder.node('Div', [weights, sums]);
  builder.node('Mul', [builder.node('MatMul', [shares, p]), s], {}, 'meanP');
  builder.output('sums', DataType.FLOAT, [1, 'm']);
  builder.output('meanP', DataType.FLOAT, [1, vocab]);
  return builder.finish();
}

/**
 * z [m, V], b [1, V], labels [m] (int64), weights [1, m] →
 * `nll` [m, 1] = -log softmax(tail(z + b))[label],
 * `meanP` [1, V] = Σ weights·softmax, `softR` [1, V] = Σ weights·softmax·tail′,
 * `labelSlope` [m, 1] = tail′ at the labels.
 */
export function objectiveView(file: OnnxFile, head: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const z = builder.input('z', DataType.FLOAT, ['m', head.vocab]);
  const b = builder.input('b', DataType.FLOAT, [1, head.vocab]);
  const labels = builder.input('labels', DataType.INT64, ['m']);
  const weights = builder.input('weights', DataType.FLOAT, [1, 'm']);

  const { logits, slope } = tail(builder, file, head, builder.node('Add', [z, b]));
  const p = builder.node('Softmax', [logits], { axis: { int: 1 } });
  const column = builder.node('Unsqueeze', [labels, builder.ints([1])]);
  crossEntropy(builder, logits, p, column);
  builder.node('MatMul', [weights, p], {}, 'meanP');
  const outputs: [string, (number | string)[]][] = [
    ['nll', ['m', 1]],
    ['meanP', [1, head.vocab]],
  ];
  if (slope.kind === 'tensor') {
    builder.node('MatMul', [weights, builder.node('Mul', [p, slope.name])], {}, 'softR');
    builder.node('GatherElements', [slope.name, column], { axis: { int: 1 } }, 'labelSlope');
    outputs.push(['softR', [1, head.vocab]], ['labelSlope', ['m', 1]]);
  }
  for (const [name, dims] of outputs) builder.output(name, DataType.FLOAT, dims);
  return builder.finish();
}
