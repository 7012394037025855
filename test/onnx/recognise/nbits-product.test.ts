/** A head of codes with constants by block is found where each part is what it is taken for, and refused otherwise. */
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import type { AttributeValue } from '../../../engine/onnx/proto/graph-protos';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { Activations, blockProduct } from '../../../engine/onnx/views/block-product';

const [D, V, BLOCK, BLOCKS] = [48, 6, 16, 3];

interface Parts {
  readonly allowzero: number;
  readonly type: number;
  readonly shape: readonly number[];
  readonly axes: readonly number[];
  readonly keepdims: number;
  readonly summed: 'h' | 'x';
  readonly dims: readonly number[];
  readonly product: Readonly<Record<string, AttributeValue>>;
  readonly swapped: boolean;
}

const PLAIN: Parts = {
  allowzero: 0,
  type: DataType.FLOAT,
  shape: [0, 0, -1, BLOCK],
  axes: [-1],
  keepdims: 0,
  summed: 'h',
  dims: [V, BLOCKS],
  product: { transB: { int: 1 } },
  swapped: false,
};

function graph(build: (builder: GraphBuilder, h: string) => string) {
  const builder = GraphBuilder.forViews();
  const x = builder.input('x', DataType.FLOAT, ['batch', 'sequence', D]);
  const h = builder.node('Mul', [x, builder.floats(new Float32Array(D), [D], 'norm')], {}, 'h');
  const biased = builder.node('Add', [build(builder, h), builder.floats(new Float32Array(V), [V], 'bias')]);
  builder.node('Identity', [biased], {}, 'logits');
  builder.output('logits', DataType.FLOAT, ['batch', 'sequence', V]);
  const bytes = builder.finish();
  return findHead(
    readOnnxModel({ size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) }),
  );
}

function codes(b: GraphBuilder) {
  return {
    ...({ rows: V, columns: D, bits: 4, blockSize: BLOCK } as const),
    codes: b.initializer('codes', DataType.UINT8, [V, BLOCKS, BLOCK / 2], new Uint8Array((V * D) / 2)),
    scales: b.floats(new Float32Array(V * BLOCKS), [V, BLOCKS], 'scales'),
  };
}

function headOf(changes: Partial<Parts> = {}) {
  const { allowzero, type, shape, axes, keepdims, summed, dims, product, swapped } = { ...PLAIN, ...changes };
  return graph((b, h) => {
    const known = (ints: readonly number[]) => b.node('Constant', [], { value_ints: { ints } });
    const blocks = b.node('Reshape', [summed, known(shape)], { allowzero: { int: allowzero } });
    const sums = b.node('ReduceSum', [blocks, known(axes)], { keepdims: { int: keepdims } });
    const constants = b.initializer('constants', type, dims, new Uint8Array(0));
    const added = b.microsoftNode('FusedMatMul', [sums, constants], product, 'added');
    const main = blockProduct(new Activations(b, h, D, 3), codes(b));
    return b.node('Add', swapped ? [added, main] : [main, added]);
  });
}

describe('constants by block', () => {
  it.each<[string, Partial<Parts>]>([
    ['as they are written', {}],
    ['added first', { swapped: true }],
    ['with the axis counted from the front', { axes: [3] }],
  ])('are found %s', (_, changes) => {
    const { projection, hidden, tail } = headOf(changes);
    expect(hidden).toBe('h');
    expect(projection).toMatchObject({ kind: 'nbits', bits: 4, constants: { name: 'constants' } });
    expect(tail).toMatchObject([{ op: 'Add', constant: { name: 'bias' } }]);
  });

  it('are found in what the writer of heads writes', () => {
    const { projection } = graph((b, h) => {
      const constants = b.floats(new Float32Array(V * BLOCKS), [V, BLOCKS], 'constants');
      return blockProduct(new Activations(b, h, D, 3), { ...codes(b), constants });
    });
    expect(projection).toMatchObject({ constants: { name: 'constants' }, int8Activations: false });
  });

  it.each<[string, Partial<Parts>]>([
    ['over blocks of another size', { shape: [0, 0, -1, 2 * BLOCK] }],
    ['over the wrong axis', { axes: [2] }],
    ['over two axes', { axes: [-1, -2] }],
    ['that keep their axis', { keepdims: 1 }],
    ['of blocks that cross tokens', { shape: [0, -1, BLOCKS, BLOCK] }],
    ['of something else', { summed: 'x' }],
    ['multiplied without a transpose', { dims: [BLOCKS, V], product: {} }],
    ['of too few rows', { dims: [V - 1, BLOCKS] }],
    ['of too few blocks', { dims: [V, BLOCKS - 1] }],
    ['of three axes', { dims: [V, BLOCKS, 1] }],
    ['of half precision', { type: DataType.FLOAT16 }],
    ['over an axis in the middle', { axes: [1] }],
    ['of a shape whose 0 is none', { allowzero: 1 }],
    ['of another number of tokens', { shape: [0, 7, -1, BLOCK] }],
    ['of blocks that are counted', { shape: [0, 0, BLOCKS, BLOCK] }],
    ['by batch', { product: { transB: { int: 1 }, transBatchA: { int: 1 } } }],
    ['of constants by batch', { product: { transB: { int: 1 }, transBatchB: { int: 1 } } }],
    ['scaled', { product: { transB: { int: 1 }, alpha: { float: 2 } } }],
    ['transposed', { product: { transB: { int: 1 }, transA: { int: 1 } } }],
  ])('are refused as sums %s', (_, changes) => {
    expect(() => headOf(changes)).toThrow(/"added" \(com\.microsoft\.FusedMatMul\)/);
  });
});

describe('codes', () => {
  interface Codes {
    readonly numbers?: Readonly<Record<string, number>>;
    readonly weight?: number;
    readonly scales?: number;
    /** Type and elements. */
    readonly zeroPoints?: readonly [number, number];
    readonly computed?: 'codes' | 'scales' | 'points' | 'bias';
    readonly bias?: boolean;
  }
  const stored = (b: GraphBuilder, name: string, type: number, elements: number, computed = false) => {
    const made = b.initializer(`${name}_stored`, type, [elements], new Uint8Array(0));
    return b.node(computed ? 'Neg' : 'Reshape', [made, b.ints([-1])], {}, name);
  };
  function productOf({ numbers, weight, scales, zeroPoints, computed, bias }: Codes = {}) {
    return graph((b, h) => {
      const is = (name: string) => computed === name;
      const all = { K: D, N: V, bits: 4, block_size: BLOCK, ...numbers };
      const points = zeroPoints ?? (is('points') ? ([DataType.UINT8, 12] as const) : undefined);
      const inputs = [
        h,
        stored(b, 'codes', DataType.UINT8, weight ?? (V * D) / 2, is('codes')),
        stored(b, 'scales', DataType.FLOAT, scales ?? V * BLOCKS, is('scales')),
        points ? stored(b, 'points', ...points, is('points')) : '',
        '',
        bias || is('bias') ? stored(b, 'own_bias', DataType.FLOAT, V, is('bias')) : '',
      ];
      const attributes = Object.fromEntries(Object.entries(all).map(([name, int]) => [name, { int }]));
      return b.microsoftNode('MatMulNBits', inputs, attributes, 'z');
    });
  }

  it('are found with what they stand for', () => {
    expect(productOf()).toMatchObject({ hidden: 'h', vocab: V, hiddenSize: D });
    expect(productOf().projection).toMatchObject({ bits: 4, blockSize: BLOCK, int8Activations: false });
    expect(productOf().projection).not.toHaveProperty('zeroPoints');
    const eight = productOf({ numbers: { bits: 8, accuracy_level: 4 }, weight: V * D });
    expect(eight.projection).toMatchObject({ bits: 8, int8Activations: true });
    expect(productOf({ bias: true }).tail).toMatchObject([{ constant: { name: 'own_bias_stored' } }, {}]);
  });

  it.each<[string, readonly [number, number]]>([
    ['packed, each row from a whole byte on', [DataType.UINT8, V * 2]],
    ['floats, one for each scale', [DataType.FLOAT, V * BLOCKS]],
  ])('may have zero points: %s', (_, zeroPoints) => {
    expect(productOf({ zeroPoints }).projection).toHaveProperty('zeroPoints');
  });

  it.each<[string, Codes, string]>([
    ['3 bits', { numbers: { bits: 3 } }, 'its weights have 3 bits, not 4 or 8'],
    ['blocks of 8', { numbers: { block_size: 8 } }, 'its block_size 8, K 48 or N 6 is not valid'],
    ['blocks of 24', { numbers: { block_size: 24 } }, 'its block_size 24, K 48 or N 6 is not valid'],
    ['no columns', { numbers: { K: 0 } }, 'K 0 or N 6 is not valid'],
    ['no rows', { numbers: { N: 0 } }, 'K 48 or N 0 is not valid'],
    ['too few codes', { weight: V * D * 0.5 - 1 }, 'do not have the size of 6 rows of 48'],
    ['too many scales', { scales: V * BLOCKS + 1 }, 'do not have the size of 6 rows of 48'],
    [
      'too few zero points',
      { zeroPoints: [DataType.UINT8, V * BLOCKS * 0.5] },
      'its zero points do not have',
    ],
    ['too many float ones', { zeroPoints: [DataType.FLOAT, V * 4] }, 'its zero points do not have'],
    ['codes that are computed', { computed: 'codes' }, 'its weight or its scales are not constants'],
    ['scales that are', { computed: 'scales' }, 'its weight or its scales are not constants'],
    ['zero points that are', { computed: 'points' }, 'its zero points is not a constant'],
    ['a bias that is', { computed: 'bias' }, 'its bias is not a constant'],
  ])('of %s are refused', (_, changes, why) => {
    expect(() => productOf(changes)).toThrow('"z" (com.microsoft.MatMulNBits)');
    expect(() => productOf(changes)).toThrow(why);
  });
});
