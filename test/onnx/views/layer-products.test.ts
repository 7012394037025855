/** Layers of 8-bit codes are multiplied by other nodes than the file's, to the numbers of the file's own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder, MICROSOFT } from '../../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { floatData, ints, Tensor, ViewSession } from '../../../engine/onnx/runtime/session';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { backboneView } from '../../../engine/onnx/views/backbone-view';
import type { Arithmetic } from '../../../engine/protocol';
import { writeNBitsLayers } from '../../../fixtures/nbits-layers';
import { uniform } from '../../../fixtures/random-fill';
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
  return new Set(products.map(({ attributes }) => Number(attributes.get('accuracy_level')?.i ?? 0n)));
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

/** A model whose only layer is an 8-bit product, with these inputs after x and the codes. */
function oneLayer(
  name: string,
  rest: (builder: GraphBuilder) => string[],
  builder = GraphBuilder.forViews(),
  values = new Uint8Array(16 * 32),
): OnnxFile {
  const [columns, rows, blockSize] = [32, 16, 16];
  const x = builder.input('x', DataType.FLOAT, [1, 'sequence', columns]);
  const codes = builder.initializer('codes', DataType.UINT8, [rows, 2, blockSize], values);
  const numbers = { K: columns, N: rows, bits: 8, block_size: blockSize };
  const ints = Object.fromEntries(Object.entries(numbers).map(([key, int]) => [key, { int }]));
  const h = builder.microsoftNode('MatMulNBits', [x, codes, ...rest(builder)], ints);
  builder.node('MatMul', [h, builder.floats(new Float32Array(rows * 8), [rows, 8])], {}, 'logits');
  builder.output('logits', DataType.FLOAT, [1, 'sequence', 8]);
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, builder.finish());
  const file = new OnnxFile(path);
  opened.push(file);
  return file;
}

const scales = (b: GraphBuilder) => b.floats(new Float32Array(32), [32], 'scales');
const halves = (b: GraphBuilder) => b.initializer('scales', DataType.FLOAT16, [32], new Uint8Array(64));
const points = (b: GraphBuilder) => b.initializer('points', DataType.UINT8, [16, 2], new Uint8Array(32));
const floatPoints = (b: GraphBuilder) => b.floats(new Float32Array(32), [16, 2], 'points');
const bias = (b: GraphBuilder) => b.floats(new Float32Array(16), [16], 'bias');

it.each<[string, (b: GraphBuilder) => string[], number]>([
  ['scales', (b) => [scales(b)], 4],
  ['packed zero points', (b) => [scales(b), points(b)], 4],
  ['zero points that are floats', (b) => [scales(b), floatPoints(b)], 0],
  ['half-precision scales', (b) => [halves(b)], 0],
  ['a bias', (b) => [scales(b), '', '', bias(b)], 0],
])('with %s are written anew only where they do nothing but multiply float32', (name, rest, level) => {
  expect(levels(view(oneLayer(name, rest), 'exact'))).toEqual(new Set([level]));
});

it('with packed zero points have the numbers that the codes stand for', async () => {
  const next = uniform(6);
  const draw = (length: number) => Uint8Array.from({ length }, () => Math.floor(256 * next()));
  const [allCodes, allPoints] = [draw(16 * 32), draw(32)];
  const allScales = Float32Array.from({ length: 32 }, () => 0.01 * next());
  const file = oneLayer(
    'numbers',
    (b) => [b.floats(allScales, [32], 'scales'), b.initializer('points', DataType.UINT8, [16, 2], allPoints)],
    GraphBuilder.forViews(),
    allCodes,
  );
  const x = Float32Array.from({ length: 3 * 32 }, () => 2 * next() - 1);
  const options = { folder: file.folder, prepack: true };
  const session = await ViewSession.create('layer', view(file, 'exact'), options);
  const { slot_hidden: hidden } = await session.run({ x: new Tensor('float32', x, [1, 3, 32]) });
  await session.release();
  const expected = Array.from({ length: 3 * 16 }, (_, at) => {
    const [token, row] = [Math.floor(at / 16), at % 16];
    let sum = 0;
    for (let k = 0; k < 32; k++) {
      const block = 2 * row + (k >> 4);
      sum += allScales[block]! * (allCodes[32 * row + k]! - allPoints[block]!) * x[32 * token + k]!;
    }
    return sum;
  });
  expect(hidden!.dims).toEqual([1, 3, 16]);
  expect(largestDifference(floatData(hidden), expected)).toBeLessThan(1e-4);
});

it.each([
  [12, 0],
  [13, 4],
])('are written anew where the operators of version %i can', (version, level) => {
  const builder = new GraphBuilder(
    new Map([
      ['', version],
      [MICROSOFT, 1],
    ]),
  );
  expect(
    levels(
      view(
        oneLayer(`version ${version}`, (b) => [scales(b)], builder),
        'exact',
      ),
    ),
  ).toEqual(new Set([level]));
});

it('are written with names of their own, whatever the model calls its tensors', () => {
  const made = (bytes: Uint8Array) => {
    const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
    const { nodes, initializers } = readOnnxModel({ size: bytes.length, read });
    return [...nodes.flatMap(({ outputs }) => outputs), ...initializers.keys()];
  };
  const own = new Set(made(readFileSync(eight.path)));
  const added = made(view(eight, 'exact')).filter((name) => !own.has(name));
  expect(added.length).toBeGreaterThan(20);
  expect(added.filter((name) => !name.startsWith('slot_'))).toEqual([]);
});

it('share what they need of one input', () => {
  const nodes = (products: number) => {
    const file = oneLayer(`${products} products`, (b) => {
      for (let i = 1; i < products; i++) {
        const numbers = { K: 32, N: 16, bits: 8, block_size: 16 };
        const ints = Object.fromEntries(Object.entries(numbers).map(([key, int]) => [key, { int }]));
        b.output(b.microsoftNode('MatMulNBits', ['x', 'codes', scales(b)], ints), DataType.FLOAT, []);
      }
      return [scales(b)];
    });
    const bytes = view(file, 'exact');
    const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
    return readOnnxModel({ size: bytes.length, read }).nodes.filter(({ opType }) => opType === 'Round')
      .length;
  };
  // Three terms of x, whoever multiplies them.
  expect([nodes(1), nodes(3)]).toEqual([3, 3]);
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
