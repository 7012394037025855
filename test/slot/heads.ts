/** Models that are nothing but a head, as an export would write it. */
import { writeFileSync } from 'node:fs';
import { DataType } from '../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../engine/onnx/proto/graph-builder';
import { findHead } from '../../engine/onnx/recognise/find-head';
import { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { OnnxFile } from '../../engine/onnx/source/onnx-file';

interface HeadWeights {
  readonly d: number;
  readonly V: number;
  /** [V, d] */
  readonly weight: readonly number[];
  readonly bias?: readonly number[] | null;
  readonly scale?: number;
  readonly softcap?: number | null;
}

/** @param path the file that is written and opened */
export async function openHead(path: string, c: HeadWeights): Promise<HeadRuntime> {
  const builder = new GraphBuilder();
  const h = builder.input('h', DataType.FLOAT, ['batch', 'sequence', c.d]);
  const weight = builder.floats([...c.weight], [c.V, c.d], 'embedding');
  let at = builder.node('MatMul', [h, builder.node('Transpose', [weight], { perm: { ints: [1, 0] } })]);
  if (c.bias) at = builder.node('Add', [at, builder.floats([...c.bias], [c.V])]);
  if (c.scale !== undefined && c.scale !== 1) at = builder.node('Mul', [at, builder.floats([c.scale], [])]);
  if (c.softcap) {
    at = builder.node('Div', [at, builder.floats([c.softcap], [])]);
    at = builder.node('Mul', [builder.node('Tanh', [at]), builder.floats([c.softcap], [])]);
  }
  builder.node('Identity', [at], {}, 'logits');
  builder.output('logits', DataType.FLOAT, ['batch', 'sequence', c.V]);
  writeFileSync(path, builder.finish());
  const file = new OnnxFile(path);
  return HeadRuntime.open(file, findHead(file.model), { folder: file.folder, prepack: false });
}
