/**
 * View graphs: small ONNX models over one model file's own weights, which stay where they are.
 *
 * backbone      inputs → `hidden` (float32, all positions), present.*
 * projection    hidden [rows, d] → z [rows, V]          the linear part of the head, z = W·h
 * gradient      r [1, V] → Wᵀ·r [1, d]
 * exponentials  z [m, V] → exp(logits - peak), once per prompt, where the tail is affine
 * mixture       exponentials, exp(shift) → partition sums and the softmax averaged over positions
 * objective     z [m, V], b [1, V], labels → the same for any tail, exponentiating each time
 * distribution  z [1, V], b [1, V] → both distributions and their distance
 *
 * b = W·delta: delta is the same at all positions, so W·(h + delta) = z + b everywhere.
 */
import { DataType } from './data-type';
import { type AttributeValue, GraphBuilder } from './graph-builder';
import type { Head } from './head';
import type { OnnxFile } from './model-file';
import { tail } from './tail';

const axes = (axis: number): Record<string, AttributeValue> => ({ axes: { ints: [axis] } });

/** hidden [rows, d] → z [rows, V], for a float32 weight. A tied head is a Gemm: a Transpose would be folded into a second copy. */
export function projectionView(file: OnnxFile, head: Head): Uint8Array {
  const builder = new GraphBuilder();
  const weight = file.addInitializer(builder, head.projection.weight);
  const hidden = builder.input('hidden', DataType.FLOAT, ['rows', head.hiddenSize]);
  multiply(builder, hidden, weight, head.projection.layout === 'Vd', 'z');
  builder.output('z', DataType.FLOAT, ['rows', head.vocab]);
  return builder.finish();
}

/** r [1, V] → Wᵀ·r [1, d], for a float32 weight. */
export function gradientView(file: OnnxFile, head: Head): Uint8Array {
  const builder = new GraphBuilder();
  const weight = file.addInitializer(builder, head.projection.weight);
  const r = builder.input('r', DataType.FLOAT, [1, head.vocab]);
  multiply(builder, r, weight, head.projection.layout === 'dV', 'gradient');
  builder.output('gradient', DataType.FLOAT, [1, head.hiddenSize]);
  return builder.finish();
}

/** exp underflows to denormal numbers below this; what is raised to it has no weight (see PromptObjective). */
export const LOWEST_EXPONENT = -86;

/** z [m, V], labels [m] → `e` [m, V] = exp(logits - peak), `peak` [m, 1], `labelLogit` [m, 1]. Affine tails. */
export function exponentialsView(file: OnnxFile, head: Head): Uint8Array {
  const builder = new GraphBuilder();
  const z = builder.input('z', DataType.FLOAT, ['m', head.vocab]);
  const labels = builder.input('labels', DataType.INT64, ['m']);
  const { logits } = tail(builder, file, head, z);
  const peak = builder.node('ReduceMax', [logits], axes(1), 'peak');
  const floor = builder.floats([LOWEST_EXPONENT], []);
  builder.node('Exp', [builder.node('Max', [builder.node('Sub', [logits, peak]), floor])], {}, 'e');
  const column = builder.node('Unsqueeze', [labels, builder.ints([1])]);
  builder.node('GatherElements', [logits, column], { axis: { int: 1 } }, 'labelLogit');
  builder.output('e', DataType.FLOAT, ['m', head.vocab]);
  for (const name of ['peak', 'labelLogit']) builder.output(name, DataType.FLOAT, ['m', 1]);
  return builder.finish();
}

/**
 * e [m, V], s [1, V] = exp(shift), weights [1, m] → `sums` [1, m] = e·s and
 * `meanP` [1, V] = Σ weights·softmax, as softmax(logits + shift) = e⊙s / (e·s).
 */
export function mixtureView({ vocab }: Head): Uint8Array {
  const builder = new GraphBuilder();
  const e = builder.input('e', DataType.FLOAT, ['m', vocab]);
  const s = builder.input('s', DataType.FLOAT, [1, vocab]);
  const weights = builder.input('weights', DataType.FLOAT, [1, 'm']);
  const sums = builder.node('Gemm', [s, e], { transB: { int: 1 } }, 'sums');
  const shares = builder.node('Div', [weights, sums]);
  builder.node('Mul', [builder.node('MatMul', [shares, e]), s], {}, 'meanP');
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
  const builder = new GraphBuilder();
  const z = builder.input('z', DataType.FLOAT, ['m', head.vocab]);
  const b = builder.input('b', DataType.FLOAT, [1, head.vocab]);
  const labels = builder.input('labels', DataType.INT64, ['m']);
  const weights = builder.input('weights', DataType.FLOAT, [1, 'm']);

  const { logits, slope } = tail(builder, file, head, builder.node('Add', [z, b]));
  const p = builder.node('Softmax', [logits], { axis: { int: 1 } });
  // log Σ exp = max - log(p at the max): exact in float32 even where exp underflows.
  const max = builder.node('ReduceMax', [logits], axes(1));
  const logPeak = builder.node('Log', [builder.node('ReduceMax', [p], axes(1))]);
  const logSumExp = builder.node('Sub', [max, logPeak]);
  const column = builder.node('Unsqueeze', [labels, builder.ints([1])]);
  const labelLogit = builder.node('GatherElements', [logits, column], { axis: { int: 1 } });
  builder.node('Sub', [logSumExp, labelLogit], {}, 'nll');
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
  const builder = new GraphBuilder();
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

function multiply(
  builder: GraphBuilder,
  x: string,
  weight: string,
  transposed: boolean,
  output: string,
): void {
  if (transposed) builder.node('Gemm', [x, weight], { transB: { int: 1 } }, output);
  else builder.node('MatMul', [x, weight], {}, output);
}
