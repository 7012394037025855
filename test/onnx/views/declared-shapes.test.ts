/** What a view says of its inputs and outputs, by which onnxruntime plans it, is what it takes and gives. */
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import type { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import type { ValueInfo } from '../../../engine/onnx/proto/model-types';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { findHead, type Head } from '../../../engine/onnx/recognise/find-head';
import type { Projection } from '../../../engine/onnx/recognise/projection';
import { floats, halves, ints, type Tensor, ViewSession } from '../../../engine/onnx/runtime/session';
import type { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { fewRowsView } from '../../../engine/onnx/views/dense-views';
import { nBitsGradientView } from '../../../engine/onnx/views/nbits-views';
import { NBitsWeight } from '../../../engine/onnx/views/nbits-weight';
import { type PlannedView, planHead, plannedViews } from '../../../engine/onnx/views/plan-head';
import {
  bfloat16Head,
  dequantizeHead,
  integerHead,
  nBitsHead,
  type QuantizedHead,
} from '../../../fixtures/quantized-heads';
import { headFiles, vector } from '../runtime/head-files';

const { written } = headFiles();

/** Axes that a call decides on, each of another length. */
const LENGTHS: Readonly<Record<string, number>> = { rows: 2, terms: 3, lanes: 4, m: 5 };

const D = 48;
const WHOLE = { vocab: 320, d: D };
/** A prime: no tiles divide it. */
const PRIME = { vocab: 307, d: D };

type Write = QuantizedHead['write'];
const dense =
  (vocab: number, isTied: boolean): Write =>
  (b, h) => {
    const weight = b.floats(vector(vocab * D, 1), isTied ? [vocab, D] : [D, vocab], 'w');
    return b.node('MatMul', [h, isTied ? b.node('Transpose', [weight]) : weight]);
  };
const capped =
  (write: Write): Write =>
  (b: GraphBuilder, h) => {
    const tangent = b.node('Tanh', [b.node('Div', [write(b, h), b.floats([5], [])])]);
    return b.node('Mul', [tangent, b.floats([5], [])]);
  };

const nBits = (bits: 4 | 8) => nBitsHead({ ...PRIME, bits, blockSize: 32, zeroPoints: 'packed' }).write;

const HEADS: readonly { name: string; vocab: number; write: Write }[] = [
  { name: 'float32 [d, V]', vocab: 320, write: dense(320, false) },
  { name: 'float32 [V, d] in whole tiles', vocab: 320, write: dense(320, true) },
  { name: 'float32 [V, d] with a rest', vocab: 307, write: dense(307, true) },
  { name: 'soft-capped', vocab: 307, write: capped(dense(307, true)) },
  { name: 'bfloat16', vocab: 307, write: bfloat16Head(PRIME).write },
  {
    name: 'codes that are dequantised',
    vocab: 320,
    write: dequantizeHead({ ...WHOLE, type: 'uint4', layout: 'dV', axis: 0, blockSize: 16 }).write,
  },
  {
    name: 'codes for quantised activations',
    vocab: 307,
    write: integerHead({ ...PRIME, operator: 'MatMulInteger', type: 'uint8', perChannel: true }).write,
  },
  { name: 'codes of 4 bits', vocab: 307, write: nBits(4) },
  { name: 'codes of 8 bits', vocab: 307, write: nBits(8) },
];

/** Those of the plan, and those that are written later or for larger heads alone. */
function viewsOf(file: OnnxFile, head: Head): PlannedView[] {
  const { projection, hiddenSize, vocab } = head;
  const views = plannedViews(planHead(file, head));
  if (isTied(projection)) {
    const session = { fold: false, prepack: false };
    views.push({ name: 'few rows', build: () => fewRowsView(file, head), session });
  }
  if (projection.kind === 'nbits') {
    const weight = new NBitsWeight(file, projection, vocab, hiddenSize);
    const build = () => nBitsGradientView(weight, weight.blocks, projection, vocab);
    views.push({ name: 'gradient', build });
  }
  return views;
}

function isTied({ kind, layout, weight }: Projection): boolean {
  return kind === 'dense' && layout === 'Vd' && weight.dataType === DataType.FLOAT;
}

const lengthOf = (dim: number | string) => (typeof dim === 'number' ? dim : LENGTHS[dim]!);

function fed({ elemType, dims }: ValueInfo): Tensor {
  const shape = dims.map(lengthOf);
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (elemType === DataType.INT64) return ints(new Array<number>(size).fill(1), shape);
  return elemType === DataType.FLOAT16
    ? halves(new Uint16Array(size), shape)
    : floats(vector(size, 2), shape);
}

const TYPES: Readonly<Record<number, string>> = {
  [DataType.FLOAT]: 'float32',
  [DataType.FLOAT16]: 'float16',
};

function structureOf(view: Uint8Array) {
  const read = (offset: number, length: number) => view.subarray(offset, offset + length);
  return readOnnxModel({ size: view.length, read });
}

describe.each(HEADS)('$name', ({ vocab, write }) => {
  it('is of the shapes that its views declare', async () => {
    const file = written({ write, weights: new Float64Array(0) }, { vocab, d: D });
    for (const planned of viewsOf(file, findHead(file.model))) {
      const view = planned.build();
      const { inputs, outputs, initializers } = structureOf(view);
      for (const { name, dims } of [...inputs, ...outputs])
        expect(dims.map(lengthOf), `${planned.name}: ${name}`).not.toContain(undefined);
      // What holds nothing would still be multiplied.
      for (const { name, dims } of initializers.values()) expect(dims, name).not.toContain(0);
      const session = await ViewSession.open(
        { ...planned, build: () => view },
        { folder: file.folder, prepack: true },
      );
      const found = await session.run(Object.fromEntries(inputs.map((input) => [input.name, fed(input)])));
      await session.release();
      expect(Object.entries(found).map(([name, { type, dims }]) => ({ name, type, dims }))).toEqual(
        outputs.map(({ name, elemType, dims }) => ({
          name,
          type: TYPES[elemType],
          dims: dims.map(lengthOf),
        })),
      );
    }
  });
});

it.each([
  [320, false],
  [307, true],
])('the probabilities of %i tokens are padded where they do not fill their chunks: %s', (vocab, expected) => {
  const file = written({ write: dense(vocab, false), weights: new Float64Array(0) }, { vocab, d: D });
  const { linear } = planHead(file, findHead(file.model));
  const { nodes } = structureOf(linear.views.projection.build());
  expect(nodes.some(({ opType }) => opType === 'Pad')).toBe(expected);
});
