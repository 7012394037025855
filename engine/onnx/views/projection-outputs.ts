/** What every projection view ends in: z and, where the tail is affine, the prompt's softmax and cross-entropy. */
import { DataType } from '../proto/data-type';
import type { GraphBuilder } from '../proto/graph-builder';
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { isAffine, tail } from './tail-nodes';
import { vocabularyChunks } from './vocabulary-chunks';

/**
 * Ends a projection view that has computed `z`: where the tail is affine, adds the input `labels` [rows] and the
 * outputs `p` [chunks, rows, size] = softmax(logits) by chunks of the vocabulary, `nll` [rows, 1]. In the same graph,
 * since every tensor of n·V elements that leaves a session is copied.
 */
export function finishProjection(builder: GraphBuilder, file: OnnxFile, head: Head): Uint8Array {
  builder.output('z', DataType.FLOAT, ['rows', head.vocab]);
  if (isAffine(head)) {
    const labels = builder.input('labels', DataType.INT64, ['rows']);
    const { logits } = tail(builder, file, head, 'z');
    const p = builder.node('Softmax', [logits], { axis: { int: 1 } });
    crossEntropy(builder, logits, p, builder.node('Unsqueeze', [labels, builder.ints([1])]));
    chunked(builder, p, head.vocab, { output: 'p', rows: 'rows' });
    builder.output('nll', DataType.FLOAT, ['rows', 1]);
  }
  return builder.finish();
}

/** x [rows, V] → the output [chunks, rows, size], with zeros where the last chunk has no tokens. */
export function chunked(
  builder: GraphBuilder,
  x: string,
  vocab: number,
  { output, rows }: { readonly output: string; readonly rows: string },
): void {
  const { count, size } = vocabularyChunks(vocab);
  const missing = count * size - vocab;
  const whole = missing === 0 ? x : builder.node('Pad', [x, builder.ints([0, 0, 0, missing])]);
  const parted = builder.node('Reshape', [whole, builder.ints([0, count, size])]);
  builder.node('Transpose', [parted], { perm: { ints: [1, 0, 2] } }, output);
  builder.output(output, DataType.FLOAT, [count, rows, size]);
}

/** logits [m, V], p their softmax, labels [m, 1] → `nll` [m, 1] = -log p[label], finite where p underflows. */
export function crossEntropy(builder: GraphBuilder, logits: string, p: string, labels: string): void {
  // log Σ exp = max - log(p at the max): exact in float32.
  const max = builder.node('ReduceMax', [logits, builder.ints([1])]);
  const logPeak = builder.node('Log', [builder.node('ReduceMax', [p, builder.ints([1])])]);
  const logSumExp = builder.node('Sub', [max, logPeak]);
  const labelLogit = builder.node('GatherElements', [logits, labels], { axis: { int: 1 } });
  builder.node('Sub', [logSumExp, labelLogit], {}, 'nll');
}
