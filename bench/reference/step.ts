/** The reference algorithm's step through the same runtime: all n·V logits forward, and back through W. */
import { DataType } from '../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../engine/onnx/proto/graph-builder';
import type { Head } from '../../engine/onnx/recognise/find-head';
import { floatData, floats, ints, ViewSession } from '../../engine/onnx/runtime/session';
import type { OnnxFile } from '../../engine/onnx/source/onnx-file';

/** Its logits, softmax, one-hot labels and their gradient are all this large; positions beyond come in tiles. */
const MAX_TILE_BYTES = 256 * 2 ** 20;

/** hidden [n, d], delta [1, d], labels [n] → the gradient of the summed cross-entropy, as autograd computes it. */
function referenceView(file: OnnxFile, { projection, hiddenSize, vocab }: Head): Uint8Array {
  if (projection.kind !== 'dense' || projection.layout !== 'Vd')
    throw new Error('the bench model has a tied head');
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
  builder.node('ReduceSum', [dHidden, builder.ints([0])], {}, 'gradient');
  builder.output('gradient', DataType.FLOAT, [1, hiddenSize]);
  return builder.finish();
}

export async function openReference(file: OnnxFile, head: Head, prepack: boolean) {
  const session = await ViewSession.create('reference step', referenceView(file, head), {
    folder: file.folder,
    prepack,
  });
  const { hiddenSize: d, vocab } = head;
  const tile = Math.floor(MAX_TILE_BYTES / (4 * vocab));
  const delta = floats(new Float32Array(d), [1, d]);

  return {
    async step(hidden: Float32Array, targets: readonly number[]): Promise<Float32Array> {
      const total = new Float32Array(d);
      for (let start = 0; start < targets.length; start += tile) {
        const labels = targets.slice(start, start + tile);
        const n = labels.length;
        const { gradient } = await session.run({
          hidden: floats(hidden.subarray(start * d, (start + n) * d), [n, d]),
          delta,
          labels: ints(labels, [n]),
        });
        floatData(gradient).forEach((value, i) => {
          total[i]! += value / targets.length;
        });
      }
      return total;
    },
    release: () => session.release(),
  };
}
