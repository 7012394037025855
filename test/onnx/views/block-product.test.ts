/** Products with matrices in blocks against float64, and the rows that they hold to the bit. */
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { floatData, floats, ints, ViewSession } from '../../../engine/onnx/runtime/session';
import {
  Activations,
  type BlockOperand,
  blockProduct,
  blockRows,
  INT8,
  termsProduct,
} from '../../../engine/onnx/views/block-product';
import type { Arithmetic } from '../../../engine/protocol';
import { uniform } from '../../../fixtures/random-fill';

interface Shape {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  readonly rows: number;
  readonly columns: number;
  readonly constants: boolean;
  /** In place of 2^(bits - 1). */
  readonly zeroPoint?: number;
}

/** A random matrix: its tensors in a graph, and the weights that they stand for, rounded as float32 has them. */
function matrix({ bits, blockSize, rows, columns, constants, zeroPoint }: Shape) {
  const next = uniform(7);
  const blocks = Math.ceil(columns / blockSize);
  const codes = Uint8Array.from({ length: rows * blocks * blockSize }, () => Math.floor(next() * 2 ** bits));
  const scales = Float32Array.from({ length: rows * blocks }, () => 0.002 + 0.01 * next());
  const added = Float32Array.from(scales, () => (constants ? 0.2 * (next() - 0.5) : 0));
  const weight = (row: number, column: number) => {
    const block = row * blocks + Math.floor(column / blockSize);
    const code = codes[row * blocks * blockSize + column]! - (zeroPoint ?? 2 ** (bits - 1));
    return Math.fround(Math.fround(scales[block]! * code) + added[block]!);
  };
  const packed =
    bits === 8 ? codes : codes.filter((_, i) => i % 2 === 0).map((c, i) => c | (codes[2 * i + 1]! << 4));
  const write = (builder: GraphBuilder, as: 'product' | 'rows'): BlockOperand => {
    const bytes = (blockSize * bits) / 8;
    const dims = as === 'product' ? [rows, blocks, bytes] : [rows, blocks * bytes];
    const points = new Uint8Array(rows * Math.ceil((blocks * bits) / 8)).fill(zeroPoint ?? 0);
    const pointDims = [rows, points.length / rows];
    return {
      ...{ rows, columns, bits, blockSize },
      codes: builder.initializer('codes', DataType.UINT8, dims, packed),
      scales: builder.floats(scales, [rows, blocks], 'scales'),
      zeroPoints:
        zeroPoint === undefined ? undefined : builder.initializer('zeros', DataType.UINT8, pointDims, points),
      constants: constants ? builder.floats(added, [rows, blocks], 'constants') : undefined,
    };
  };
  return { weight, write };
}

async function run(builder: GraphBuilder, feeds: Parameters<ViewSession['run']>[0]): Promise<Float32Array> {
  const session = await ViewSession.create('test', builder.finish(), { folder: tmpdir(), prepack: true });
  const { y } = await session.run(feeds);
  await session.release();
  return floatData(y);
}

function values(length: number, seed: number): Float32Array {
  const next = uniform(seed);
  return Float32Array.from({ length }, () => 2 * next() - 1);
}

/** x [batch, sequence, columns] → y */
async function product(shape: Shape, arithmetic: Arithmetic, x: Float32Array, batch: number) {
  const { rows, columns } = shape;
  const sequence = x.length / columns / batch;
  const builder = GraphBuilder.forViews();
  const input = builder.input('x', DataType.FLOAT, ['batch', 'sequence', columns]);
  const activations = new Activations(builder, input, columns, 3);
  const operand = matrix(shape).write(builder, 'product');
  if (arithmetic === 'fast') blockProduct(activations, operand, INT8, 'y');
  else if (shape.bits === 4) blockProduct(activations, operand, undefined, 'y');
  else builder.node('Identity', [termsProduct(activations, operand)], {}, 'y');
  builder.output('y', DataType.FLOAT, ['batch', 'sequence', rows]);
  return run(builder, { x: floats(x, [batch, sequence, columns]) });
}

function expected(shape: Shape, x: Float32Array): Float64Array {
  const { rows, columns } = shape;
  const { weight } = matrix(shape);
  return Float64Array.from({ length: (x.length / columns) * rows }, (_, i) => {
    const [at, row] = [Math.floor(i / rows) * columns, i % rows];
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += weight(row, k) * x[at + k]!;
    return sum;
  });
}

/** Relative to the largest value expected. */
function error(actual: Float32Array, wanted: Float64Array): number {
  expect(actual.length).toBe(wanted.length);
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0) / largest;
}

const SHAPES: readonly Shape[] = ([4, 8] as const).flatMap((bits) => [
  ...[16, 32].flatMap((blockSize) =>
    [false, true].map((constants) => ({ bits, blockSize, rows: 301, columns: 160, constants })),
  ),
  { bits, blockSize: 32, rows: 301, columns: 160, constants: true, zeroPoint: 0 },
]);

describe.each(SHAPES)(
  '$bits bits, blocks of $blockSize, constants $constants, zero point $zeroPoint',
  (shape) => {
    it.each([
      ['one token', 1, 1],
      ['a chunk', 1, 67],
      ['rows of several tokens', 3, 2],
    ])('multiply %s in float32 where they are to be exact', async (_, batch, sequence) => {
      const x = values(batch * sequence * shape.columns, 3);
      // A block of nothing, as padding and dead channels make it.
      x.fill(0, 32, 64);
      // Terms are of codes alone: constants have nodes of their own.
      const exact = shape.bits === 8 ? { ...shape, constants: false } : shape;
      expect(error(await product(exact, 'exact', x, batch), expected(exact, x))).toBeLessThan(2e-6);
    });

    it('round each token alone where they are fast', async () => {
      const x = values(5 * shape.columns, 4);
      x.subarray(shape.columns, 2 * shape.columns).forEach((value, i, row) => {
        row[i] = 1000 * value;
      });
      const together = await product(shape, 'fast', x, 1);
      expect(error(together, expected(shape, x))).toBeLessThan(0.01);
      for (let token = 0; token < 5; token++) {
        const alone = x.slice(token * shape.columns, (token + 1) * shape.columns);
        const part = together.slice(token * shape.rows, (token + 1) * shape.rows);
        const result = await product(shape, 'fast', alone, 1);
        expect(error(part, Float64Array.from(result))).toBeLessThan(1e-6);
        expect(error(result, expected(shape, alone))).toBeGreaterThan(1e-5);
      }
    });

    it('give the rows of an embedding to the bit', async () => {
      const { weight, write } = matrix(shape);
      const builder = GraphBuilder.forViews();
      const ids = builder.input('ids', DataType.INT64, ['batch', 'sequence']);
      builder.node('Identity', [blockRows(builder, ids, write(builder, 'rows'))], {}, 'y');
      builder.output('y', DataType.FLOAT, ['batch', 'sequence', shape.columns]);
      const wanted = [0, 300, 17, 17, 1, 299];
      const rows = wanted.flatMap((row) => Array.from({ length: shape.columns }, (_, k) => weight(row, k)));
      expect(await run(builder, { ids: ints(wanted, [2, 3]) })).toEqual(Float32Array.from(rows));
    });
  },
);

it('is exact in 8 bits for rows that end within a block', async () => {
  const shape = { bits: 8, blockSize: 32, rows: 19, columns: 77, constants: false } as const;
  const x = values(2 * 77, 5);
  expect(error(await product(shape, 'exact', x, 1), expected(shape, x))).toBeLessThan(2e-6);
});

it('pads nothing, and cuts nothing off, where blocks are whole', () => {
  const operators = (columns: number) => {
    const builder = GraphBuilder.forViews();
    const x = new Activations(builder, builder.input('x', DataType.FLOAT, ['b', 's', columns]), columns, 3);
    x.int8Terms(32);
    const bytes = builder.finish();
    const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
    const { nodes } = readOnnxModel({ size: bytes.length, read });
    return nodes.map(({ opType }) => opType).filter((opType) => opType === 'Pad' || opType === 'Slice');
  };
  expect(operators(64)).toEqual([]);
  expect(operators(65)).toEqual(['Pad', 'Slice']);
});

it('writes what several products need of one input once', () => {
  const builder = GraphBuilder.forViews();
  const x = new Activations(builder, builder.input('x', DataType.FLOAT, ['b', 's', 64]), 64, 3);
  expect(x.blockSums(32)).toBe(x.blockSums(32));
  expect(x.int8Terms(32)).toBe(x.int8Terms(32));
  expect(x.blockSums(32)).not.toBe(x.blockSums(16));
});
