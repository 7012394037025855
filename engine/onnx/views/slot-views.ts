/** The views that a SLOT step sums its loss and its derivative with; b = W·delta is the same at all positions. */
import { DataType } from '../proto/data-type';
import { GraphBuilder } from '../proto/graph-builder';
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { chunked, crossEntropy } from './projection-outputs';
import { logitScale, tail } from './tail-nodes';
import { vocabularyChunks } from './vocabulary-chunks';

/** Of a column's scale, so that no column of zeros divides by zero. */
const SMALLEST = 1e-30;
/** What a column's largest probability becomes: above it, float16 has half as much room again. */
const LARGEST_CODE = 2 ** 15;

/**
 * p = softmax(logits) by chunks of the vocabulary, growth [chunks, lanes, 1, size] = exp(shift - highest) of each lane,
 * weights [lanes, 1, m] → `sums` [lanes, 1, m] = p·growth and `meanP` [chunks, lanes, 1, size] =
 * Σ weights·softmax(logits + shift), as softmax(logits + shift) = p⊙growth / (p·growth).
 *
 * p is [chunks, 1, m, size] in float32, or as `narrowView` writes it: `codes` and `scales`, with `likely` [lanes, 1, m]
 * what the tokens that are kept beside add to the sums. The products are batches of one row each: a lane's numbers are
 * the same alone and with others, and a chunk is read from memory once for all lanes.
 */
export function shiftedSoftmaxView({ vocab }: Head, isNarrow: boolean): Uint8Array {
  const { count, size } = vocabularyChunks(vocab);
  const builder = GraphBuilder.forViews();
  const growth = builder.input('growth', DataType.FLOAT, [count, 'lanes', 1, size]);
  const weights = builder.input('weights', DataType.FLOAT, ['lanes', 1, 'm']);
  let [p, s] = ['p', growth];
  if (isNarrow) {
    const codes = builder.input('codes', DataType.FLOAT16, [count, 1, 'm', size]);
    p = builder.node('Cast', [codes], { to: { int: DataType.FLOAT } });
    s = builder.node('Mul', [growth, builder.input('scales', DataType.FLOAT, [count, 1, 1, size])]);
  } else {
    builder.input('p', DataType.FLOAT, [count, 1, 'm', size]);
  }
  const parts = builder.microsoftNode('FusedMatMul', [s, p], { transB: { int: 1 } });
  const summed = [parts, builder.ints([0])];
  const reduced = { keepdims: { int: 0 } };
  if (isNarrow) {
    const likely = builder.input('likely', DataType.FLOAT, ['lanes', 1, 'm']);
    builder.node('Add', [builder.node('ReduceSum', summed, reduced), likely], {}, 'sums');
  } else {
    builder.node('ReduceSum', summed, reduced, 'sums');
  }
  const shares = builder.node('Div', [weights, 'sums']);
  builder.node('Mul', [builder.node('MatMul', [shares, p]), s], {}, 'meanP');
  builder.output('sums', DataType.FLOAT, ['lanes', 1, 'm']);
  builder.output('meanP', DataType.FLOAT, [count, 'lanes', 1, size]);
  return builder.finish();
}

/**
 * b [lanes, V] → `growth` [chunks, lanes, size] = exp(shift - highest) with shift = logitScale·b, once for all blocks of a
 * prompt, and of each lane's shift `highest` and `width` [lanes, 1], how far its values lie apart: NaN where one of them is
 * no finite number.
 */
export function growthView(file: OnnxFile, head: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const b = builder.input('b', DataType.FLOAT, ['lanes', head.vocab]);
  const shift = builder.node('Mul', [b, builder.floats([logitScale(file, head)], [])]);
  const overAll = [shift, builder.ints([1])];
  builder.node('ReduceMax', overAll, {}, 'highest');
  const apart = builder.node('Sub', ['highest', builder.node('ReduceMin', overAll)]);
  // onnxruntime's extremes pass over NaN; a sum does not.
  const none = builder.node('Mul', [builder.node('ReduceSum', overAll), builder.floats([0], [])]);
  builder.node('Add', [apart, none], {}, 'width');
  for (const name of ['highest', 'width']) builder.output(name, DataType.FLOAT, ['lanes', 1]);
  const growth = builder.node('Exp', [builder.node('Sub', [shift, 'highest'])]);
  chunked(builder, growth, head.vocab, { output: 'growth', rows: 'lanes' });
  return builder.finish();
}

/**
 * p [chunks, m, size] → `codes` (float16) and `scales` [chunks, 1, size] with p = codes·scales. Each token's own scale
 * over the block's positions leaves float16's exponents to what differs between them.
 */
export function narrowView({ vocab }: Head): Uint8Array {
  const { count, size } = vocabularyChunks(vocab);
  const builder = GraphBuilder.forViews();
  const p = builder.input('p', DataType.FLOAT, [count, 'm', size]);
  const largest = builder.node('ReduceMax', [p, builder.ints([1])]);
  const positive = builder.node('Max', [largest, builder.floats([SMALLEST], [])]);
  builder.node('Div', [positive, builder.floats([LARGEST_CODE], [])], {}, 'scales');
  builder.node('Cast', [builder.node('Div', [p, 'scales'])], { to: { int: DataType.FLOAT16 } }, 'codes');
  builder.output('codes', DataType.FLOAT16, [count, 'm', size]);
  builder.output('scales', DataType.FLOAT, [count, 1, size]);
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
