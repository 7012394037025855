/** The head is found by structure, however it is spelt; what cannot be adapted is refused by the node's name. */
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import type { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { D, foreign, headOf, V } from './graphs';

const matrix = (builder: GraphBuilder, rows: number, columns: number, name = 'w') =>
  builder.floats(new Float32Array(rows * columns), [rows, columns], name);
const dV = (builder: GraphBuilder) => matrix(builder, D, V);
const Vd = (builder: GraphBuilder) => matrix(builder, V, D);
const swapped = { perm: { ints: [1, 0] } };

describe('found', () => {
  it.each<[string, (b: GraphBuilder, h: string) => string, object]>([
    ['MatMul', (b, h) => b.node('MatMul', [h, dV(b)]), { operator: 'MatMul', layout: 'dV' }],
    [
      'MatMul with a transposed weight',
      (b, h) => b.node('MatMul', [h, b.node('Transpose', [Vd(b)], swapped)]),
      { operator: 'MatMul(Transpose)', layout: 'Vd' },
    ],
    [
      'a Transpose without perm',
      (b, h) => b.node('MatMul', [h, b.node('Transpose', [Vd(b)])]),
      { operator: 'MatMul(Transpose)', layout: 'Vd' },
    ],
    [
      'a Transpose that does nothing',
      (b, h) => b.node('MatMul', [h, b.node('Transpose', [dV(b)], { perm: { ints: [0, 1] } })]),
      { layout: 'dV' },
    ],
    [
      'two Transposes',
      (b, h) => b.node('MatMul', [h, b.node('Transpose', [b.node('Transpose', [dV(b)])])]),
      { layout: 'dV' },
    ],
    [
      'a weight behind Identity and Cast',
      (b, h) =>
        b.node('MatMul', [h, b.node('Cast', [b.node('Identity', [dV(b)])], { to: { int: DataType.FLOAT } })]),
      { operator: 'MatMul', layout: 'dV' },
    ],
    [
      'Gemm with transB',
      (b, h) => b.node('Gemm', [h, Vd(b)], { transB: { int: 1 } }),
      { operator: 'Gemm', layout: 'Vd' },
    ],
    ['Gemm without', (b, h) => b.node('Gemm', [h, dV(b)]), { operator: 'Gemm', layout: 'dV' }],
    [
      'Gemm with alpha and beta of 1',
      (b, h) => b.node('Gemm', [h, dV(b)], { alpha: { float: 1 }, beta: { float: 1 } }),
      { operator: 'Gemm' },
    ],
  ])('%s', (_, build, projection) => {
    expect(headOf(build)).toMatchObject({
      hidden: 'h',
      vocab: V,
      hiddenSize: D,
      tail: [],
      projection: { ...projection, weight: { name: 'w' } },
    });
  });

  it.each<[string, (b: GraphBuilder, h: string) => string]>([
    ['Identity', (b, h) => b.node('Identity', [h])],
    ['Reshape', (b, h) => b.node('Reshape', [h, b.ints([-1, D])])],
    ['Cast', (b, h) => b.node('Cast', [h], { to: { int: DataType.FLOAT } })],
    ['Slice', (b, h) => b.node('Slice', [h, b.ints([-1]), b.ints([9]), b.ints([1])])],
    ['Gather', (b, h) => b.node('Gather', [h, b.ints([-1], [])], { axis: { int: 1 } })],
    [
      'Slice and Reshape',
      (b, h) =>
        b.node('Reshape', [b.node('Slice', [h, b.ints([-1]), b.ints([9]), b.ints([1])]), b.ints([-1, D])]),
    ],
  ])('behind %s: the cut comes before it', (_, between) => {
    expect(headOf((b, h) => b.node('MatMul', [between(b, h), dV(b)]))).toMatchObject({ hidden: 'h' });
  });

  it('reads its tail from the projection on, constants on either side', () => {
    const head = headOf((b, h) => {
      let at = b.node('Gemm', [h, Vd(b), b.floats(new Float32Array(V), [V], 'bias')], { transB: { int: 1 } });
      at = b.node('Mul', [b.floats([2], [], 'scale'), at]);
      at = b.node('Add', [b.floats(new Float32Array(V), [V], 'shift'), at]);
      at = b.node('Div', [at, b.floats([30], [], 'cap')]);
      return b.node('Mul', [b.node('Tanh', [at]), b.floats([30], [], 'uncap')]);
    });
    expect(head.tail.map((op) => ('constant' in op ? [op.op, op.constant.name] : [op.op]))).toEqual([
      ['Add', 'bias'],
      ['Mul', 'scale'],
      ['Add', 'shift'],
      ['Div', 'cap'],
      ['Tanh'],
      ['Mul', 'uncap'],
    ]);
  });
});

describe('refused', () => {
  it.each<[string, (b: GraphBuilder, h: string) => string, RegExp]>([
    [
      'four-bit weights',
      (b, h) => foreign(b, 'MatMulNBits', 'com.microsoft', [h, dV(b)], 'z'),
      /"\/lm_head\/MatMulNBits" \(com\.microsoft\.MatMulNBits\)/,
    ],
    [
      'dynamically quantised activations',
      (b, h) => {
        const q = foreign(b, 'DynamicQuantizeLinear', '', [h], 'q');
        const integers = b.node('MatMulInteger', [q, dV(b)]);
        const cast = b.node('Cast', [integers], { to: { int: DataType.FLOAT } });
        return b.node('Mul', [cast, b.node('Neg', [q], {}, 'scales')], {}, 'dequantised');
      },
      /\(MatMulInteger\): its weight scale/,
    ],
    [
      'a weight that is computed',
      (b, h) => b.node('MatMul', [h, b.node('Neg', [dV(b)])], {}, 'z'),
      /"z" \(MatMul\): its weight/,
    ],
    [
      'a weight of three axes',
      (b, h) => b.node('MatMul', [h, b.floats(new Float32Array(D * V), [1, D, V])], {}, 'z'),
      /"z" \(MatMul\): its weight/,
    ],
    [
      'Gemm with alpha',
      (b, h) => b.node('Gemm', [h, dV(b)], { alpha: { float: 0.5 } }, 'z'),
      /"z" \(Gemm\): its alpha/,
    ],
    [
      'Gemm with transA',
      (b, h) => b.node('Gemm', [h, dV(b)], { transA: { int: 1 } }, 'z'),
      /"z" \(Gemm\): it transposes/,
    ],
    [
      'four-bit weights in blocks of another order',
      (b, h) =>
        b.microsoftNode(
          'MatMulNBits',
          [h, dV(b), 'scales', '', 'g_idx'],
          { bits: { int: 4 }, block_size: { int: 16 }, K: { int: D }, N: { int: V } },
          'z',
        ),
      /"z" \(com\.microsoft\.MatMulNBits\): it reorders its blocks/,
    ],
    [
      'four-bit weights with too few zero points',
      (b, h) => {
        const codes = b.initializer('w4', DataType.UINT8, [V, 1, 8], new Uint8Array(8 * V));
        const inputs = [h, codes, b.floats(new Float32Array(V), [V]), b.floats(new Float32Array(2), [2])];
        const sizes = { bits: { int: 4 }, block_size: { int: 16 }, K: { int: D }, N: { int: V } };
        return b.microsoftNode('MatMulNBits', inputs, sizes, 'z');
      },
      /"z" .*: its zero points do not have the size/,
    ],
    [
      'weights of two bits',
      (b, h) =>
        b.microsoftNode('MatMulNBits', [h, dV(b)], { bits: { int: 2 }, block_size: { int: 16 } }, 'z'),
      /"z" .*: its weights have 2 bits/,
    ],
    [
      'a weight that is dequantised along a third axis',
      (b, h) => {
        const scale = b.floats([1], [], 'scale');
        return b.node('MatMul', [h, b.node('DequantizeLinear', [dV(b), scale], { axis: { int: 2 } }, 'w8')]);
      },
      /"w8" \(DequantizeLinear\): its axis 2/,
    ],
    [
      'a weight that is dequantised in blocks after it is transposed',
      (b, h) => {
        const inputs = [b.node('Transpose', [Vd(b)]), b.floats([1], [], 'scale')];
        const blocks = { axis: { int: 0 }, block_size: { int: 16 } };
        return b.node('MatMul', [h, b.node('DequantizeLinear', inputs, blocks, 'w4')]);
      },
      /"w4" \(DequantizeLinear\): it dequantises a transposed matrix/,
    ],
    [
      'logits that are rounded to a few values',
      (b, h) => {
        const scale = b.floats([1], [], 'scale');
        const codes = b.node('QuantizeLinear', [b.node('MatMul', [h, dV(b)]), scale]);
        return b.node('DequantizeLinear', [codes, scale], {}, 'rounded');
      },
      /"rounded" \(DequantizeLinear\): it rounds the logits/,
    ],
    ['a convolution', (b, h) => b.node('Conv', [h, dV(b)], {}, 'z'), /"z" \(Conv\)/],
    [
      'a softmax behind the logits',
      (b, h) => b.node('Softmax', [b.node('MatMul', [h, dV(b)])], {}, 'p'),
      /"p" \(Softmax\)/,
    ],
    [
      'a scale that is computed',
      (b, h) => b.node('Mul', [b.node('MatMul', [h, dV(b)]), h], {}, 'z'),
      /"z" \(Mul\)/,
    ],
    ['logits that are an input', (b) => b.input('given', DataType.FLOAT, [1, V]), /"given"/],
  ])('%s', (_, build, message) => {
    expect(() => headOf(build)).toThrow(
      expect.objectContaining({
        kind: 'input',
        code: 'unsupported-head',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/fp32|Export/),
      }),
    );
  });
});
