/** Constants behind the projection that the objective cannot be written for are refused by name. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { objectiveView } from '../../../engine/onnx/views/slot-views';
import { temporaryFolder } from '../../../fixtures/runs';

const folder = temporaryFolder();
const [D, V] = [4, 6];

function objective(tail: (builder: GraphBuilder, z: string) => string): Uint8Array {
  const builder = GraphBuilder.forViews();
  const weight = builder.floats(new Float32Array(D * V), [D, V], 'w');
  const x = builder.input('x', DataType.FLOAT, ['sequence', D]);
  const z = builder.node('MatMul', [builder.node('Neg', [x]), weight]);
  builder.node('Identity', [tail(builder, z)], {}, 'logits');
  builder.output('logits', DataType.FLOAT, ['sequence', V]);
  const path = join(folder, 'model.onnx');
  writeFileSync(path, builder.finish());
  const file = new OnnxFile(path);
  try {
    return objectiveView(file, findHead(file.model));
  } finally {
    file.close();
  }
}

it.each<[string, (b: GraphBuilder, z: string) => string]>([
  ['a bias', (b, z) => b.node('Add', [z, b.floats(new Float32Array(V), [V])])],
  ['one number', (b, z) => b.node('Mul', [z, b.floats([2], [1, 1])])],
])('%s is written', (_, tail) => {
  expect(objective(tail).length).toBeGreaterThan(0);
});

it.each<[string, (b: GraphBuilder, z: string) => string, RegExp]>([
  [
    'a scale for each token',
    (b, z) => b.node('Mul', [z, b.floats(new Float32Array(V), [V], 's')]),
    /Mul by "s" is not by one number/,
  ],
  [
    'a bias of another length',
    (b, z) => b.node('Add', [z, b.floats([1, 2], [2], 'b')]),
    /Add constant "b" has 2 elements/,
  ],
  [
    'a scale of whole numbers',
    (b, z) => b.node('Mul', [z, b.ints([2], [], 'n')]),
    /constant "n" is int64, not a float/,
  ],
])('%s is refused', (_, tail, message) => {
  expect(() => objective(tail)).toThrow(
    expect.objectContaining({ kind: 'input', message: expect.stringMatching(message) }),
  );
});
