/** The projection of a dynamically quantised head, with the export's own arithmetic. */
import { DataType } from '../proto/data-type';
import { GraphBuilder } from '../proto/graph-builder';
import type { Head } from '../recognise/find-head';
import type { IntegerProjection } from '../recognise/projection';
import type { OnnxFile } from '../source/onnx-file';
import { finishProjection } from './projection-outputs';

/**
 * A projection view. All rows of a call share one activation scale, so each row's numbers
 * depend on the others.
 */
export function integerProjectionView(
  file: OnnxFile,
  head: Head,
  { weight, quantization }: IntegerProjection,
): Uint8Array {
  const builder = GraphBuilder.forViews();
  const hidden = builder.input('hidden', DataType.FLOAT, ['rows', head.hiddenSize]);
  const { codes, scale, zeroPoint } = builder.dynamicQuantizeLinear(hidden);
  const inputs = [codes, file.addInitializer(builder, weight), zeroPoint];
  if (quantization.zeroPoint) inputs.push(file.addInitializer(builder, quantization.zeroPoint));
  const product = builder.node('MatMulInteger', inputs);
  const float = (name: string) => builder.node('Cast', [name], { to: { int: DataType.FLOAT } });
  const weightScale = float(file.addInitializer(builder, quantization.scale));
  builder.node('Mul', [float(product), builder.node('Mul', [scale, weightScale])], {}, 'z');
  return finishProjection(builder, file, head);
}
