/** A float32 weight's views: projection, few rows, gradient. */
import { DataType } from '../proto/data-type';
import { GraphBuilder } from '../proto/graph-builder';
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { finishProjection } from './projection-outputs';

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
    // Without a batch onnxruntime splits the columns over threads, which makes each of them read memory with gaps.
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
