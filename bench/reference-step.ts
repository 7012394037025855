/** The reference algorithm's step through the same runtime: all n·V logits forward, and back through W. */
import { DataType } from '../engine/onnx/data-type';
import { GraphBuilder } from '../engine/onnx/graph-builder';
import type { Head } from '../engine/onnx/head';
import type { OnnxFile } from '../engine/onnx/model-file';
import { floats, ints, Session } from '../engine/onnx/session';

/** hidden [n, d], delta [1, d], labels [n] → the gradient of the mean cross-entropy, as autograd computes it. */
function referenceView(file: OnnxFile, { projection, hiddenSize, vocab }: Head): Uint8Array {
  if (projection.layout !== 'Vd') throw new Error('the bench model has a tied head');
  const builder = new GraphBuilder();
  const weight = file.addInitializer(builder, projection.weight);
  const hidden = builder.input('hidden', DataType.FLOAT, ['n', hiddenSize]);
  const delta = builder.input('delta', DataType.FLOAT, [1, hiddenSize]);
  const labels = builder.input('labels', DataType.INT64, ['n']);
  const logits = builder.node('Gemm', [builder.node('Add', [hidden, delta]), weight], { transB: { int: 1 } });
  const p = builder.node('Softmax', [logits], { axis: { int: 1 } });
  const depth = builder.ints([vocab]);
  const onehot = builder.node('OneHot', [labels, depth, builder.floats([0, 1], [2])]);
  const dHidden = builder.node('MatMul', [builder.node('Sub', [p, onehot]), weight]);
  builder.node('ReduceMean', [dHidden], { axes: { ints: [0] } }, 'gradient');
  builder.output('gradient', DataType.FLOAT, [1, hiddenSize]);
  return builder.finish();
}

export async function openReference(file: OnnxFile, head: Head, prepack: boolean) {
  const session = await Session.create('reference step', referenceView(file, head), {
    folder: file.folder,
    prepack,
  });
  return {
    step: (hidden: Float32Array, targets: readonly number[]) =>
      session.run({
        hidden: floats(hidden, [targets.length, head.hiddenSize]),
        delta: floats(new Float32Array(head.hiddenSize), [1, head.hiddenSize]),
        labels: ints(targets, [targets.length]),
      }),
    release: () => session.release(),
  };
}
