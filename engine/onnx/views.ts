/**
 * View graphs: small ONNX models over one model file's own weights, which stay where they are.
 *
 * backbone      inputs → `hidden` (float32, all positions), present.*
 * projection    hidden [rows, d], labels [rows] → z [rows, V], the linear part of the head, z = W·h; and, where
 *               the tail is affine, softmax(logits), which serves every step over a prompt
 * few rows      hidden [rows, d] → z [rows, V], the same product the other way round
 * gradient      r [1, V] → Wᵀ·r [1, d]
 * mixture       softmax(logits), shift → partition sums and softmax(logits + shift) averaged over positions
 * objective     z [m, V], b [1, V], labels → the same for any tail, exponentiating each time
 * distribution  z [1, V], b [1, V] → both distributions and their distance
 *
 * b = W·delta: delta is the same at all positions, so W·(h + delta) = z + b everywhere.
 */
import { DataType } from './data-type';
import { GraphBuilder } from './graph-builder';
import type { Head } from './head';
import type { OnnxFile } from './model-file';
import { isAffine, tail } from './tail';

/** A float32 weight's z. A tied head is a Gemm: a Transpose would be folded into a second copy. */
export function denseProjectionView(file: OnnxFile, head: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const weight = file.addInitializer(builder, head.projection.weight);
  const hidden = builder.input('hidden', DataType.FLOAT, ['rows', head.hiddenSize]);
  if (head.projection.layout === 'Vd') builder.node('Gemm', [hidden, weight], { transB: { int: 1 } }, 'z');
  else builder.node('MatMul', [hidden, weight], {}, 'z');
  return finishProjection(builder, file, head);
}

/** hidden [rows, d] → z [rows, V] as (W·Hᵀ)ᵀ, for a tied float32 weight. */
export function fewRowsView(file: OnnxFile, head: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const weight = file.addInitializer(builder, head.projection.weight);
  const hidden = builder.input('hidden', DataType.FLOAT, ['rows', head.hiddenSize]);
  const columns = builder.node('Gemm', [weight, hidden], { transB: { int: 1 } });
  builder.node('Transpose', [columns], { perm: { ints: [1, 0] } }, 'z');
  builder.output('z', DataType.FLOAT, ['rows', head.vocab]);
  return builder.finish();
}

/** Parts of a long sum that threads work on side by side. */
const PARTS = 4;

/** r [1, V] → Wᵀ·r [1, d], for a float32 weight. */
export function denseGradientView(file: OnnxFile, head: Head): Uint8Array {
  const { hiddenSize, vocab, projection } = head;
  const builder = GraphBuilder.forViews();
  const r = builder.input('r', DataType.FLOAT, [1, vocab]);
  if (projection.layout === 'dV') {
    const weight = file.addInitializer(builder, projection.weight);
    builder.node('Gemm', [r, weight], { transB: { int: 1 } }, 'gradient');
  } else {
    // onnxruntime gives each thread some columns, a walk with gaps through memory, unless there is a batch to share.
    const rows = Math.floor(vocab / PARTS);
    const [together, left] = [PARTS * rows, vocab - PARTS * rows];
    const [parts, rest] = builder.split(r, left > 0 ? [together, left] : [together], 1);
    const batch = builder.node('Reshape', [parts!, builder.ints([PARTS, 1, rows])]);
    const weights = file.addRows(builder, projection.weight, 0, together, [PARTS, rows, hiddenSize]);
    const sums = builder.node('MatMul', [batch, weights]);
    const inputs = [sums, builder.ints([0])];
    const sum = builder.node('ReduceSum', inputs, { keepdims: { int: 0 } }, rest ? undefined : 'gradient');
    if (rest) {
      const last = file.addRows(builder, projection.weight, together, left);
      builder.node('Gemm', [rest, last, sum], {}, 'gradient');
    }
  }
  builder.output('gradient', DataType.FLOAT, [1, hiddenSize]);
  return builder.finish();
}

/**
 * Ends a projection view that has computed `z`: where the tail is affine, adds the input `labels` [rows] and the
 * outputs `p` [rows, V] = softmax(logits), `nll` [rows, 1]. In the same graph, since every tensor of n·V elements
 * that leaves a session is copied.
 */
export function finishProjection(builder: GraphBuilder, file: OnnxFile, head: Head): Uint8Array {
  builder.output('z', DataType.FLOAT, ['rows', head.vocab]);
  if (isAffine(head)) {
    const labels = builder.input('labels', DataType.INT64, ['rows']);
    const { logits } = tail(builder, file, head, 'z');
    const p = builder.node('Softmax', [logits], { axis: { int: 1 } }, 'p');
    crossEntropy(builder, logits, p, builder.node('Unsqueeze', [labels, builder.ints([1])]));
    builder.output('p', DataType.FLOAT, ['rows', head.vocab]);
    builder.output('nll', DataType.FLOAT, ['rows', 1]);
  }
  return builder.finish();
}

/** logits [m, V], p their softmax, labels [m, 1] → `nll` [m, 1] = -log p[label], finite where p underflows. */
function crossEntropy(builder: GraphBuilder, logits: string, p: string, labels: string): void {
  // log Σ exp = max - log(p at the max): exact in float32.
  const max = builder.node('ReduceMax', [logits, builder.ints([1])]);
  const logPeak = builder.node('Log', [builder.node('ReduceMax', [p, builder.ints([1])])]);
  const logSumExp = builder.node('Sub', [max, logPeak]);
  const labelLogit = builder.node('GatherElements', [logits, labels], { axis: { int: 1 } });
  builder.node('Sub', [logSumExp, labelLogit], {}, 'nll');
}

/**
 * p [m, V] = softmax(logits), shift [1, V], highest [] its largest element, weights [1, m] → with
 * s = exp(shift - highest), `sums` [1, m] = p·s and `meanP` [1, V] = Σ weights·softmax(logits + shift), as
 * softmax(logits + shift) = p⊙s / (p·s).
 */
export function mixtureView({ vocab }: Head): Uint8Array {
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
  const basep = builder.node('Exp', [baseLogprobs]);
  // A masked token has log-probability -inf and must count as 0·(something finite).
  const finite = (x: string) => builder.node('Max', [x, builder.floats([-1e30], [], 'lowest')]);
  const sum = (x: string, output: string) =>
    builder.node('ReduceSum', [x, builder.ints([1], [1], 'last_axis')], { keepdims: { int: 0 } }, output);
  const log = finite(logprobs);
  const baseLog = finite(baseLogprobs);
  sum(builder.node('Mul', [p, builder.node('Neg', [log])]), 'entropy');
  sum(builder.node('Mul', [basep, builder.node('Neg', [baseLog])]), 'baseEntropy');
  sum(builder.node('Mul', [p, builder.node('Sub', [log, baseLog])]), 'kl');
  for (const name of ['logprobs', 'baseLogprobs']) builder.output(name, DataType.FLOAT, [1, head.vocab]);
  for (const name of ['entropy', 'baseEntropy', 'kl']) builder.output(name, DataType.FLOAT, [1]);
  return builder.finish();
}
