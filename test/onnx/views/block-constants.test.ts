/** In fast arithmetic on the CPU, what blocks are shifted by is multiplied in 8 bits: which graphs, and to what numbers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import type { NodeInfo, OnnxModel, TensorInfo } from '../../../engine/onnx/proto/model-types';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { floatData, floats, ViewSession } from '../../../engine/onnx/runtime/session';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { backboneView } from '../../../engine/onnx/views/backbone-view';
import { shiftedProducts } from '../../../engine/onnx/views/block-constants';
import { Activations, blockProduct } from '../../../engine/onnx/views/block-product';
import type { Arithmetic, Device } from '../../../engine/protocol';
import { uniform } from '../../../fixtures/random-fill';
import { largestDifference, temporaryFolder } from '../../../fixtures/runs';

/** 40 blocks: more than one of constants, and a part of another. */
const [ROWS, COLUMNS, BLOCK, BLOCKS, TOKENS] = [16, 640, 16, 40, 3] as const;

const next = uniform(9);
const draw = (length: number) => Float32Array.from({ length }, () => 2 * next() - 1);
/** Of which a constant is up to four steps, less than zero points hold. */
const SCALES = draw(ROWS * BLOCKS).map((value) => 0.3 + 0.05 * value);
const CONSTANTS = draw(ROWS * BLOCKS);
const X = draw(TOKENS * COLUMNS);

const opened: OnnxFile[] = [];
afterAll(() => {
  for (const file of opened) file.close();
});

/** A layer whose codes all stand for 0, so that its constants are all it has. */
function layer(): OnnxFile {
  const builder = GraphBuilder.forViews();
  const x = builder.input('x', DataType.FLOAT, [1, 'sequence', COLUMNS]);
  const codes = new Uint8Array((ROWS * COLUMNS) / 2).fill(0x88);
  const h = blockProduct(new Activations(builder, x, COLUMNS, 3), {
    rows: ROWS,
    columns: COLUMNS,
    bits: 4,
    blockSize: BLOCK,
    codes: builder.initializer('codes', DataType.UINT8, [ROWS, BLOCKS, BLOCK / 2], codes),
    scales: builder.floats(SCALES, [ROWS, BLOCKS], 'scales'),
    constants: builder.floats(CONSTANTS, [ROWS, BLOCKS], 'constants'),
  });
  builder.node('MatMul', [h, builder.floats(new Float32Array(ROWS * 8), [ROWS, 8])], {}, 'logits');
  builder.output('logits', DataType.FLOAT, [1, 'sequence', 8]);
  const path = join(temporaryFolder(), 'layer.onnx');
  writeFileSync(path, builder.finish());
  const file = new OnnxFile(path);
  opened.push(file);
  return file;
}
const file = layer();

function view(arithmetic: Arithmetic, device?: Device): Uint8Array {
  return backboneView(file, findHead(file.model), arithmetic, device);
}

async function product(graph: Uint8Array): Promise<Float32Array> {
  const session = await ViewSession.create('layer', graph, { folder: file.folder, prepack: true });
  const { slot_hidden: hidden } = await session.run({ x: floats(X, [1, TOKENS, COLUMNS]) });
  await session.release();
  return floatData(hidden);
}

/** [rows, width], each block rounded to multiples of its largest magnitude / 127. */
function rounded(values: Float32Array, width: number, block: number): Float32Array {
  return values.map((value, i) => {
    const row = i - (i % width);
    const start = row + block * Math.floor((i % width) / block);
    const end = Math.min(start + block, row + width);
    const unit = Math.max(...values.subarray(start, end).map(Math.abs)) / 127;
    return Math.round(value / unit) * unit;
  });
}

function productOf(sums: Float32Array, constants: Float32Array): number[] {
  return Array.from({ length: TOKENS * ROWS }, (_, at) => {
    const [token, row] = [Math.floor(at / ROWS), at % ROWS];
    let sum = 0;
    for (let b = 0; b < BLOCKS; b++) sum += sums[token * BLOCKS + b]! * constants[row * BLOCKS + b]!;
    return sum;
  });
}

function sumsOf(x: Float32Array): Float32Array {
  return Float32Array.from({ length: TOKENS * BLOCKS }, (_, i) =>
    x.subarray(i * BLOCK, (i + 1) * BLOCK).reduce((sum, value) => sum + value, 0),
  );
}
const SUMS = sumsOf(X);

it('are multiplied by zero points as far as these go, and the rest in 8 bits', async () => {
  const wholeSteps = CONSTANTS.map((constant, i) => SCALES[i]! * Math.round(constant / SCALES[i]!));
  const rest = CONSTANTS.map((constant, i) => constant - wholeSteps[i]!);
  const byZeroPoints = productOf(sumsOf(rounded(X, COLUMNS, BLOCK)), wholeSteps);
  const byRest = productOf(rounded(SUMS, BLOCKS, 32), rounded(rest, BLOCKS, 32));
  const expected = byZeroPoints.map((part, i) => part + byRest[i]!);
  const found = await product(view('fast'));
  expect(largestDifference(found, expected)).toBeLessThan(1e-4);
  expect(largestDifference(found, productOf(SUMS, CONSTANTS))).toBeGreaterThan(1e-3);
});

it('are multiplied as they are in exact arithmetic', async () => {
  expect(largestDifference(await product(view('exact')), productOf(SUMS, CONSTANTS))).toBeLessThan(1e-4);
});

it.each([
  ['fast', 'cpu', 0],
  ['fast', 'webgpu', 1],
  ['exact', 'cpu', 1],
] as const)('in %s arithmetic on %s, %i products of float32 are left', (arithmetic, device, left) => {
  const bytes = view(arithmetic, device);
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  const { nodes } = readOnnxModel({ size: bytes.length, read });
  expect(nodes.filter(({ opType }) => opType === 'FusedMatMul')).toHaveLength(left);
});

type Change = (node: NodeInfo) => NodeInfo;
const [found] = shiftedProducts(file.model);
const withTensor = (change: Partial<TensorInfo>): OnnxModel => {
  const initializers = new Map(file.model.initializers);
  initializers.set('constants', { ...found!.constants, ...change });
  return { ...file.model, initializers };
};
const withNodes = (change: Change): OnnxModel => ({ ...file.model, nodes: file.model.nodes.map(change) });

function changed(of: string, change: Partial<NodeInfo>): Change {
  return (node) => (node.opType === of ? { ...node, ...change } : node);
}

function readBesides(name: string): OnnxModel {
  const node = { ...file.model.nodes[0]!, opType: 'Neg', inputs: [name], outputs: ['besides'] };
  return { ...file.model, nodes: [...file.model.nodes, node] };
}

/** As for [rows, columns]. */
const flatBlocks: Change = (node) => {
  const shape = node.attributes.get('value_ints');
  if (shape?.ints.length !== 4) return node;
  const attributes = new Map([['value_ints', { ...shape, ints: shape.ints.slice(1) }]]);
  return { ...node, attributes };
};

it.each<[string, OnnxModel]>([
  [
    'what is added to something else than a product of codes',
    withNodes(changed('MatMulNBits', { opType: 'MatMul' })),
  ],
  ['a product of codes of another domain', withNodes(changed('MatMulNBits', { domain: 'elsewhere' }))],
  ['a product with constants of another domain', withNodes(changed('FusedMatMul', { domain: 'elsewhere' }))],
  ['codes whose product another node reads', readBesides(found!.outputs.codes)],
  ['constants whose product another node reads', readBesides(found!.outputs.constants)],
  [
    'codes whose product is an output',
    {
      ...file.model,
      outputs: [...file.model.outputs, { ...file.model.outputs[0]!, name: found!.outputs.codes }],
    },
  ],
  ['a product that is not added', withNodes(changed('Add', { opType: 'Mul' }))],
  ['what multiplies something else than sums', withNodes(changed('ReduceSum', { opType: 'ReduceMean' }))],
  ['sums of something else than blocks', withNodes(changed('Reshape', { opType: 'Transpose' }))],
  ['sums over other axes than a layer has', withNodes(flatBlocks)],
  ['a matrix that is not transposed', withNodes(changed('FusedMatMul', { attributes: new Map() }))],
  ['constants of 16 bits', withTensor({ dataType: DataType.FLOAT16 })],
  ['constants of three axes', withTensor({ dims: [1, ROWS, BLOCKS] })],
])('are not %s', (_, model) => {
  expect(shiftedProducts(file.model)).toHaveLength(1);
  expect(shiftedProducts(model)).toHaveLength(0);
});

it('are of a gigabyte at most: the others stay as they are', () => {
  // Blocks of 32 codes, so that 40 columns take 64.
  const largest = 2 ** 30 / 64;
  expect(shiftedProducts(withTensor({ dims: [largest, BLOCKS] }))).toHaveLength(1);
  expect(shiftedProducts(withTensor({ dims: [largest + 1, BLOCKS] }))).toHaveLength(0);
});
