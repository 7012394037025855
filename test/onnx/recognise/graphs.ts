/** Graphs from a hidden state `h` to logits, as an exporter would write them, and the head that is found in them. */
import { expect } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import type { OnnxModel } from '../../../engine/onnx/proto/model-types';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { findHead, type Head } from '../../../engine/onnx/recognise/find-head';

export const [D, V] = [4, 6];

export type Build = (builder: GraphBuilder, h: string) => string;

export function modelOf(builder: GraphBuilder): OnnxModel {
  const bytes = builder.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return readOnnxModel({ size: bytes.length, read });
}

/** From `h`, an RMSNorm's output so to speak, to whatever `build` returns as logits. */
export function headOf(build: Build, hiddenSize = D): Head {
  const builder = GraphBuilder.forViews();
  const x = builder.input('x', DataType.FLOAT, ['batch', 'sequence', hiddenSize]);
  const norm = builder.floats(new Float32Array(hiddenSize), [hiddenSize], 'norm');
  const h = builder.node('Mul', [x, norm], {}, 'h');
  builder.node('Identity', [build(builder, h)], {}, 'logits');
  builder.output('logits', DataType.FLOAT, ['batch', 'sequence', V]);
  return findHead(modelOf(builder));
}

/** A weight of any type, all zeros. */
export function stored(builder: GraphBuilder, name: string, dataType: number, dims: number[]): string {
  return builder.initializer(name, dataType, dims, new Uint8Array(0));
}

/** A node of another domain, with a name of its own. */
export function foreign(b: GraphBuilder, opType: string, domain: string, inputs: string[], output: string) {
  const node = new WireWriter();
  for (const input of inputs) node.text(1, input);
  b.copiedNode(node.text(2, output).text(3, `/lm_head/${opType}`).text(4, opType).text(7, domain).finish());
  return output;
}

export function scale(b: GraphBuilder, name = 'scale'): string {
  return b.floats([1], [], name);
}

/** A tensor that is no constant. */
export function computed(b: GraphBuilder, name: string): string {
  return b.node('Neg', [scale(b, `${name}_before`)], {}, name);
}

/** @param node how its name begins @param why part of the message */
export function expectRefused(build: Build, node: string, why: string): void {
  expect(() => headOf(build)).toThrow(
    expect.objectContaining({
      kind: 'input',
      code: 'unsupported-head',
      message: expect.stringContaining(`head node "${node}`),
    }),
  );
  expect(() => headOf(build)).toThrow(why);
}
