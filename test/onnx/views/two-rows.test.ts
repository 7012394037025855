/** Whether two rows are sooner one after the other, as a graph's products tell. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { OnnxModel } from '../../../engine/onnx/proto/model-types';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { twoRowsApart } from '../../../engine/onnx/views/backbone-view';
import type { Arithmetic } from '../../../engine/protocol';
import { writeNBitsLayers } from '../../../fixtures/nbits-layers';
import { temporaryFolder } from '../../../fixtures/runs';

const folder = temporaryFolder();
const SHAPE = { d: 64, headDim: 16, kvHeads: 2, layers: 1, ffn: 96 } as const;

/** As if every product of the layers had K and N of this size. */
function sized(model: OnnxModel, size: number): OnnxModel {
  const nodes = model.nodes.map((node) => {
    if (node.opType !== 'MatMulNBits') return node;
    const side = { ...node.attributes.get('K')!, i: BigInt(size) };
    return { ...node, attributes: new Map([...node.attributes, ['K', side], ['N', side]]) };
  });
  return { ...model, nodes };
}

it.each<[string, number, Arithmetic, { bits?: 4 | 8; accuracyLevel?: number }, boolean]>([
  ['large matrices of 4-bit codes', 2048, 'exact', {}, true],
  ['small ones', 1024, 'exact', {}, false],
  ['large ones in fast arithmetic', 2048, 'fast', {}, false],
  ['large ones that the export multiplies in 8 bits', 2048, 'exact', { accuracyLevel: 4 }, false],
  ['large ones of 8-bit codes', 2048, 'exact', { bits: 8 }, false],
])('%s (%i)', (name, size, arithmetic, how, expected) => {
  const { onnxPath } = writeNBitsLayers(join(folder, name), { ...SHAPE, ...how });
  const file = new OnnxFile(onnxPath);
  const found = twoRowsApart(sized(file.model, size), findHead(file.model), arithmetic);
  file.close();
  expect(found).toBe(expected);
});
