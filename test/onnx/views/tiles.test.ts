/** Weights of many tiles give their products from pieces that a processor's cache has room for. */
import { describe, expect, it } from 'vitest';
import { byteLength, DataType } from '../../../engine/onnx/proto/data-type';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { floatData, floats, ints, ViewSession } from '../../../engine/onnx/runtime/session';
import { denseDeltasView, denseGradientView } from '../../../engine/onnx/views/dense-views';
import { planHead } from '../../../engine/onnx/views/plan-head';
import { dequantizeHead, type QuantizedHead, type Sizes } from '../../../fixtures/quantized-heads';
import { error, headFiles, reference, vector } from '../runtime/head-files';

const { written } = headFiles();

/** The stored tensor's columns are so many that 256 rows are 8 MiB in float32. */
const WIDE = 8192;
const MAX_BYTES = 8 * 2 ** 20;

const HEADS: readonly { name: string; sizes: Sizes; make: (sizes: Sizes) => QuantizedHead }[] = [
  {
    name: 'rows with scales of their own',
    sizes: { vocab: 601, d: WIDE },
    make: (sizes) => dequantizeHead({ ...sizes, type: 'uint8', layout: 'Vd', axis: 0, zeroPoint: true }),
  },
  {
    name: 'blocks along the rows, two codes a byte',
    sizes: { vocab: WIDE, d: 608 },
    make: (sizes) =>
      dequantizeHead({ ...sizes, type: 'int4', layout: 'dV', axis: 0, blockSize: 32, zeroPoint: true }),
  },
];

it('a tile ends with a block of what shares a scale', async () => {
  const sizes = { vocab: 7000, d: 608 };
  const head = dequantizeHead({ ...sizes, type: 'int4', layout: 'dV', axis: 0, blockSize: 32 });
  const file = written(head, sizes);
  const { linear } = planHead(file, findHead(file.model), 'exact');
  const session = await ViewSession.open(linear.views.projection, { folder: file.folder, prepack: true });
  const hidden = vector(sizes.d, 1);
  const { z } = await session.run({ hidden: floats(hidden, [1, sizes.d]), labels: ints([0], [1]) });
  await session.release();
  expect(error(floatData(z), reference(head.weights, sizes, []).project(hidden))).toBeLessThan(3e-6);
});

describe.each(HEADS)('$name', ({ sizes, make }) => {
  const { vocab, d } = sizes;
  const head = make(sizes);
  const planned = () => {
    const file = written(head, sizes);
    const { linear } = planHead(file, findHead(file.model));
    if (linear.kind !== 'stored') throw new Error(linear.kind);
    return { ...linear.views, folder: file.folder };
  };

  it('are multiplied both ways', async () => {
    const plain = reference(head.weights, sizes, []);
    const { folder, ...views } = planned();
    const options = { folder, prepack: true };
    const projection = await ViewSession.open(views.projection, options);
    const hidden = vector(d, 1);
    const { z } = await projection.run({ hidden: floats(hidden, [1, d]), labels: ints([0], [1]) });
    expect(error(floatData(z), plain.project(hidden))).toBeLessThan(3e-6);
    const gradient = await ViewSession.open(views.gradient, options);
    const r = vector(vocab, 2);
    const found = await gradient.run({ r: floats(r, [1, vocab]) });
    expect(error(floatData(found.gradient), plain.projectBack(r))).toBeLessThan(3e-6);
    await projection.release();
    await gradient.release();
  });

  it('are in three tiles, the first two as large as they may be', () => {
    const { projection, gradient } = planned();
    for (const { build } of [projection, gradient]) {
      const view = build();
      const read = (offset: number, length: number) => view.subarray(offset, offset + length);
      const tensors = [...readOnnxModel({ size: view.length, read }).initializers.values()];
      const tiles = tensors.filter(({ dims }) => dims[1] === WIDE && dims[0]! > 19);
      const bytes = tiles.map(({ dims }) => byteLength(DataType.FLOAT, dims));
      expect(bytes).toEqual([MAX_BYTES, MAX_BYTES, 4 * WIDE * (Math.min(vocab, d) - 512)]);
    }
  });
});

describe('a float32 weight that lanes multiply one after the other', () => {
  const d = 512;
  /** 256 rows are 512 KiB. */
  it.each([
    ['in tiles that divide it', 3000, [[12, 1, 250, d]]],
    [
      'and its rest',
      3001,
      [
        [11, 1, 256, d],
        [185, d],
      ],
    ],
    ['in two tiles at least', 250, [[2, 1, 125, d]]],
  ])('is multiplied %s (%i tokens)', async (_, vocab, expected) => {
    const weights = vector(vocab * d, 4);
    const write: QuantizedHead['write'] = (b, h) =>
      b.node('MatMul', [h, b.node('Transpose', [b.floats(weights, [vocab, d], 'w')])]);
    const sizes = { vocab, d };
    const file = written({ write, weights: new Float64Array(0) }, sizes);
    const head = findHead(file.model);
    const plain = reference(Float64Array.from(weights), sizes, []);
    const options = { folder: file.folder, prepack: false };
    const lanes = 2;
    const partOf = (all: Float32Array, lane: number) =>
      all.subarray((lane * all.length) / lanes, ((lane + 1) * all.length) / lanes);

    for (const [build, input, output, product] of [
      [denseDeltasView, 'deltas', 'b', plain.project],
      [denseGradientView, 'r', 'gradient', plain.projectBack],
    ] as const) {
      const view = build(file, head);
      const read = (offset: number, length: number) => view.subarray(offset, offset + length);
      const { initializers } = readOnnxModel({ size: view.length, read });
      const ofWeight = [...initializers.values()].filter(({ name }) => name.startsWith('w'));
      expect(ofWeight.map(({ dims }) => dims)).toEqual(expected);
      const session = await ViewSession.create(output, view, options);
      const x = vector(lanes * (input === 'r' ? vocab : d), 5);
      const dims = input === 'r' ? [lanes, vocab] : [lanes, 1, d];
      const found = floatData((await session.run({ [input]: floats(x, dims) }))[output]);
      for (let lane = 0; lane < lanes; lane++)
        expect(error(partOf(found, lane), product(partOf(x, lane)))).toBeLessThan(5e-6);
      await session.release();
    }
  });
});
