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
  readonly shape: readonly number[];
  readonly axes: readonly number[];
  readonly keepdims: number;
  readonly summed: 'h' | 'x';
  readonly dims: readonly number[];
  readonly product: Readonly<Record<string, AttributeValue>>;
  readonly swapped: boolean;
}

const PLAIN: Parts = {
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
  const { shape, axes, keepdims, summed, dims, product, swapped } = { ...PLAIN, ...changes };
  return graph((b, h) => {
    const known = (ints: readonly number[]) => b.node('Constant', [], { value_ints: { ints } });
    const blocks = b.node('Reshape', [summed, known(shape)]);
    const sums = b.node('ReduceSum', [blocks, known(axes)], { keepdims: { int: keepdims } });
    const count = dims.reduce((all, dim) => all * dim, 1);
    const constants = b.floats(new Float32Array(count), dims, 'constants');
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
    ['scaled', { product: { transB: { int: 1 }, alpha: { float: 2 } } }],
    ['transposed', { product: { transB: { int: 1 }, transA: { int: 1 } } }],
  ])('are refused as sums %s', (_, changes) => {
    expect(() => headOf(changes)).toThrow(/"added" \(com\.microsoft\.FusedMatMul\)/);
  });
});
