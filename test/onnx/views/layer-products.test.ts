/** Layers of 8-bit codes are multiplied by other nodes than the file's, to the numbers of the file's own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { floatData, ints, Tensor, ViewSession } from '../../../engine/onnx/runtime/session';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { backboneView } from '../../../engine/onnx/views/backbone-view';
import type { Arithmetic } from '../../../engine/protocol';
import { writeNBitsLayers } from '../../../fixtures/nbits-layers';
import { largestDifference, temporaryFolder } from '../../../fixtures/runs';

const folder = temporaryFolder();
const SHAPE = { d: 64, headDim: 16, kvHeads: 2, layers: 2, ffn: 96, positionIds: false } as const;
const opened: OnnxFile[] = [];
afterAll(() => {
  for (const file of opened) file.close();
});

function write(name: string, how: Parameters<typeof writeNBitsLayers>[1]): OnnxFile {
  const { onnxPath } = writeNBitsLayers(join(folder, name), { ...SHAPE, ...how });
  const file = new OnnxFile(onnxPath);
  opened.push(file);
  return file;
}

const eight = write('eight', { bits: 8 });
const view = (file: OnnxFile, arithmetic: Arithmetic) => backboneView(file, findHead(file.model), arithmetic);

/** The accuracy levels of a graph's products: 0 is float32's, 4 rounds activations to 8 bits. */
function levels(bytes: Uint8Array): Set<number> {
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  const products = readOnnxModel({ size: bytes.length, read }).nodes.filter(
    ({ opType }) => opType === 'MatMulNBits',
  );
  return new Set(products.map(({ attributes }) => Number(attributes.get('accuracy_level')?.i)));
}

/** The last layer's values of three rows of four tokens, which all products before it have a part in. */
async function lastValues(file: OnnxFile, graph: Uint8Array): Promise<Float32Array> {
  const { kvHeads, headDim, layers } = SHAPE;
  const session = await ViewSession.create('graph', graph, { folder: file.folder, prepack: true });
  const empty = new Tensor('float32', new Float32Array(0), [3, kvHeads, 0, headDim]);
  const past = Array.from({ length: layers }, (_, layer) =>
    ['key', 'value'].map((part) => [`past_key_values.${layer}.${part}`, empty] as const),
  );
  const name = `present.${layers - 1}.value`;
  const outputs = await session.run(
    {
      input_ids: ints([5, 17, 3, 250, 17, 99, 42, 1, 0, 311, 8, 8], [3, 4]),
      attention_mask: ints(new Array<number>(12).fill(1), [3, 4]),
      ...Object.fromEntries(past.flat()),
    },
    [name],
  );
  await session.release();
  return floatData(outputs[name]);
}

it('of 8 bits are exact by products that round to 8 bits, and fast by one of them', async () => {
  const own = readFileSync(eight.path);
  expect(levels(own)).toEqual(new Set([0]));
  const expected = await lastValues(eight, own);
  for (const arithmetic of ['exact', 'fast'] as const) {
    const graph = view(eight, arithmetic);
    expect(levels(graph)).toEqual(new Set([4]));
    const difference = largestDifference(await lastValues(eight, graph), expected);
    if (arithmetic === 'exact') expect(difference).toBeLessThan(1e-5);
    else expect(difference).toBeGreaterThan(1e-3);
  }
});

it.each([
  ['4 bits', { bits: 4 }, 0],
  ['8 bits that the file rounds itself', { bits: 8, accuracyLevel: 4 }, 4],
  ['8 bits in blocks that their rows end within', { bits: 8, blockSize: 128 }, 0],
] as const)('of %s are the file’s own where they are to be exact', async (name, how, level) => {
  const file = write(name, how);
  const graph = view(file, 'exact');
  expect(levels(graph)).toEqual(new Set([level]));
  const expected = await lastValues(file, readFileSync(file.path));
  expect(await lastValues(file, graph)).toEqual(expected);
});
