/** Products of floats, and of codes that the graph dequantises: found for what they are, or refused with the reason. */
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import type { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { type Build, computed, D, expectRefused, foreign, headOf, scale, stored, V } from './graphs';

const CODES = DataType.UINT8;
const dV = (b: GraphBuilder, dataType: number = CODES) => stored(b, 'w', dataType, [D, V]);

describe('a float weight', () => {
  it.each([DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16])('may be of type %i', (dataType) => {
    const { projection } = headOf((b, h) => b.node('MatMul', [h, dV(b, dataType)]));
    expect(projection).toMatchObject({ kind: 'dense', operator: 'MatMul', weight: { dataType } });
  });

  it.each([
    [DataType.INT64, 'its weight "w" is int64'],
    [DataType.DOUBLE, 'its weight "w" is double'],
    [DataType.UINT8, 'its weight "w" is uint8'],
  ])('of type %i is refused', (dataType, why) => {
    expectRefused((b, h) => b.node('MatMul', [h, dV(b, dataType)], {}, 'z'), 'z" (MatMul)', why);
  });

  it.each<[string, Build, string]>([
    [
      'is empty',
      (b, h) => b.node('MatMul', [h, stored(b, 'w', DataType.FLOAT, [0, V])], {}, 'z'),
      'its weight is empty',
    ],
    [
      'has a beta',
      (b, h) => b.node('Gemm', [h, dV(b, DataType.FLOAT)], { beta: { float: 0.5 } }, 'z'),
      'its alpha or beta is not 1',
    ],
    [
      'has a bias that is computed',
      (b, h) => b.node('Gemm', [h, dV(b, DataType.FLOAT), computed(b, 'bias')], {}, 'z'),
      'its bias is not a constant',
    ],
    [
      'is turned by another domain’s Transpose',
      (b, h) => b.node('MatMul', [h, foreign(b, 'Transpose', 'acme', [dV(b, DataType.FLOAT)], 't')], {}, 'z'),
      'its weight is not a constant matrix',
    ],
    ['is not there', (b, h) => b.node('MatMul', [h], {}, 'z'), 'its weight is not a constant matrix'],
  ])('that %s is refused', (_, build, why) => expectRefused(build, 'z', why));

  it('of another domain’s product is refused', () => {
    expectRefused(
      (b, h) => foreign(b, 'MatMul', 'acme', [h, dV(b, DataType.FLOAT)], 'z'),
      '/lm_head/MatMul" (acme.MatMul)',
      'this projection is not supported',
    );
  });
});

describe('codes that the graph dequantises', () => {
  const dequantized = (b: GraphBuilder, codes: string, attributes = {}, ...rest: string[]) =>
    b.node('DequantizeLinear', [codes, scale(b), ...rest], attributes, 'wide');

  it.each([DataType.INT8, DataType.UINT8, DataType.INT4, DataType.UINT4])('may be of type %i', (dataType) => {
    const { projection } = headOf((b, h) => b.node('MatMul', [h, dequantized(b, dV(b, dataType))]));
    expect(projection).toMatchObject({
      kind: 'dequantized',
      operator: 'MatMul(DequantizeLinear)',
      layout: 'dV',
      quantization: { axis: 1, blockSize: 0, scale: { name: 'scale' } },
    });
    expect(projection).not.toHaveProperty('quantization.zeroPoint');
  });

  it.each([
    [{ axis: { int: 0 } }, 0],
    [{ axis: { int: -1 } }, 1],
    [{ axis: { int: -2 } }, 0],
  ])('have their scales along the axis of %j', (attributes, axis) => {
    const { projection } = headOf((b, h) => b.node('MatMul', [h, dequantized(b, dV(b), attributes)]));
    expect(projection).toMatchObject({ quantization: { axis } });
  });

  it('may be transposed before, with the axis as the stored codes have it', () => {
    for (const [axis, own] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const { projection } = headOf((b, h) => {
        const turned = b.node('Transpose', [stored(b, 'w', CODES, [V, D])]);
        return b.node('MatMul', [h, dequantized(b, turned, { axis: { int: axis } })]);
      });
      expect(projection).toMatchObject({ layout: 'Vd', quantization: { axis: own } });
    }
  });

  it('may be multiplied by Gemm, have zero points, blocks and com.microsoft’s operator', () => {
    const { projection, tail } = headOf((b, h) => {
      const zeros = stored(b, 'zeros', CODES, []);
      const inputs = [stored(b, 'w', CODES, [V, D]), scale(b), zeros];
      const wide = b.microsoftNode('DequantizeLinear', inputs, { axis: { int: 1 }, block_size: { int: 2 } });
      const bias = b.floats(new Float32Array(V), [V], 'bias');
      return b.node('Gemm', [h, wide, bias], { transB: { int: 1 } });
    });
    expect(projection).toMatchObject({
      operator: 'Gemm(DequantizeLinear)',
      layout: 'Vd',
      quantization: { axis: 1, blockSize: 2, zeroPoint: { name: 'zeros' } },
    });
    expect(tail).toMatchObject([{ op: 'Add', constant: { name: 'bias' } }]);
  });

  it.each<[string, Build, string, string]>([
    [
      'that are floats',
      (b, h) => b.node('MatMul', [h, dequantized(b, dV(b, DataType.FLOAT))], {}, 'z'),
      'z',
      'its weight "w" is float',
    ],
    [
      'that are dequantised twice',
      (b, h) =>
        b.node('MatMul', [h, b.node('DequantizeLinear', [dequantized(b, dV(b)), scale(b, 's')])], {}, 'z'),
      'z',
      'its weight is not a constant matrix',
    ],
    [
      'whose scale is computed',
      (b, h) => b.node('MatMul', [h, b.node('DequantizeLinear', [dV(b), computed(b, 's')])], {}, 'z'),
      'z',
      'its weight is not a constant matrix',
    ],
    [
      'whose zero point is computed',
      (b, h) => b.node('MatMul', [h, dequantized(b, dV(b), {}, computed(b, 'zero'))]),
      'wide',
      'its zero point is not a constant',
    ],
    [
      'along an axis before the first',
      (b, h) => b.node('MatMul', [h, dequantized(b, dV(b), { axis: { int: -3 } })]),
      'wide',
      'its axis -3 is not one of a matrix',
    ],
  ])('%s are refused', (_, build, node, why) => expectRefused(build, node, why));
});
