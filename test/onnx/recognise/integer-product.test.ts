/** Products of activations that are quantised on the fly, and products that are not known: found or refused, with the reason. */
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import type { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { type Build, computed, D, expectRefused, headOf, scale, stored, V } from './graphs';

const float = { to: { int: DataType.FLOAT } };
const dV = (b: GraphBuilder, dataType: number = DataType.UINT8) => stored(b, 'w', dataType, [D, V]);

interface Integer {
  readonly quantizer?: string;
  readonly weight?: (b: GraphBuilder) => string;
  readonly scale?: (b: GraphBuilder) => string;
  readonly zeroPoint?: (b: GraphBuilder) => string;
  readonly swapped?: boolean;
}

/** onnxruntime's dynamic quantiser: Mul(Cast(MatMulInteger(DynamicQuantizeLinear(h), w)), scales). */
const integer =
  ({ quantizer = 'DynamicQuantizeLinear', swapped = false, ...own }: Integer = {}): Build =>
  (b, h) => {
    const codes = b.node(quantizer, [h], {}, 'codes');
    const weight = own.weight?.(b) ?? dV(b);
    const inputs = [codes, weight, 'h_zero', ...(own.zeroPoint ? [own.zeroPoint(b)] : [])];
    const product = b.node('Cast', [b.node('MatMulInteger', inputs, {}, 'product')], float);
    const scales = b.node('Mul', ['h_scale', own.scale?.(b) ?? scale(b)]);
    return b.node('Mul', swapped ? [scales, product] : [product, scales], {}, 'z');
  };

describe('activations that are quantised on the fly', () => {
  it.each([false, true])('are multiplied by a chain of nodes, scales first: %s', (swapped) => {
    const zeroPoint = (b: GraphBuilder) => stored(b, 'zeros', DataType.UINT8, []);
    const { projection, hidden, vocab, hiddenSize } = headOf(integer({ swapped, zeroPoint }));
    expect([hidden, vocab, hiddenSize]).toEqual(['h', V, D]);
    expect(projection).toMatchObject({
      kind: 'integer',
      operator: 'MatMulInteger',
      layout: 'dV',
      weight: { name: 'w' },
      quantization: { axis: 1, blockSize: 0, scale: { name: 'scale' }, zeroPoint: { name: 'zeros' } },
    });
  });

  it.each<[string, Integer, string]>([
    ['by another node', { quantizer: 'QuantizeLinear' }, 'its activations are not quantised on the fly'],
    [
      'with a scale that is computed',
      { scale: (b) => computed(b, 's') },
      'its weight scale is not a constant',
    ],
    ['with a zero point that is', { zeroPoint: (b) => computed(b, 'o') }, 'its zero point is not a constant'],
    ['for floats', { weight: (b) => dV(b, DataType.FLOAT) }, 'its weight is not a constant matrix'],
    [
      'for a weight of three axes',
      { weight: (b) => stored(b, 'w', DataType.UINT8, [1, D, V]) },
      'its weight is not a constant matrix',
    ],
    [
      'for a weight that is computed',
      { weight: (b) => computed(b, 'w') },
      'its weight is not a constant matrix',
    ],
    ['for no weight', { weight: (b) => stored(b, 'w', DataType.UINT8, [D, 0]) }, 'its weight is empty'],
  ])('%s are refused', (_, changes, why) => expectRefused(integer(changes), 'product" (MatMulInteger)', why));

  it('are not found behind another node than a Cast', () => {
    const build: Build = (b, h) => {
      const product = b.node('MatMulInteger', [b.node('DynamicQuantizeLinear', [h]), dV(b)], {}, 'product');
      return b.node('Mul', [b.node('Neg', [product]), b.node('Mul', ['h_scale', scale(b)])], {}, 'z');
    };
    expectRefused(build, 'product" (MatMulInteger)', 'this projection is not supported');
  });

  it('are not found where nothing computes what is multiplied', () => {
    expectRefused((b) => b.node('Mul', ['x', 'x'], {}, 'z'), 'z" (Mul)', 'this projection is not supported');
  });

  it('are multiplied by one node, with a bias', () => {
    const bias = (b: GraphBuilder) => b.floats(new Float32Array(V), [V], 'bias');
    const zero = (b: GraphBuilder) => stored(b, 'zeros', DataType.UINT8, []);
    const fused: readonly [string, Build][] = [
      [
        'DynamicQuantizeMatMul',
        (b, h) => b.microsoftNode('DynamicQuantizeMatMul', [h, dV(b), scale(b), zero(b), bias(b)], {}),
      ],
      [
        'MatMulIntegerToFloat',
        (b, h) => {
          const codes = b.node('DynamicQuantizeLinear', [h]);
          const inputs = [codes, dV(b), 'h_scale', scale(b), 'h_zero', zero(b), bias(b)];
          return b.microsoftNode('MatMulIntegerToFloat', inputs, {});
        },
      ],
    ];
    for (const [operator, build] of fused)
      expect(headOf(build)).toMatchObject({
        hidden: 'h',
        projection: { operator, quantization: { scale: { name: 'scale' }, zeroPoint: { name: 'zeros' } } },
        tail: [{ op: 'Add', constant: { name: 'bias' } }],
      });
  });

  it.each<[string, Build, string]>([
    [
      'DynamicQuantizeMatMul with a scale that is computed',
      (b, h) => b.microsoftNode('DynamicQuantizeMatMul', [h, dV(b), computed(b, 's')], {}, 'z'),
      'its weight scale is not a constant',
    ],
    [
      'MatMulIntegerToFloat with a scale that is computed',
      (b, h) => {
        const codes = b.node('DynamicQuantizeLinear', [h]);
        return b.microsoftNode('MatMulIntegerToFloat', [codes, dV(b), scale(b), computed(b, 's')], {}, 'z');
      },
      'its weight scale is not a constant',
    ],
    [
      'MatMulIntegerToFloat of other codes',
      (b, h) => b.microsoftNode('MatMulIntegerToFloat', [h, dV(b), scale(b), scale(b, 's')], {}, 'z'),
      'its activations are not quantised on the fly',
    ],
  ])('%s is refused', (_, build, why) => expectRefused(build, 'z" (com.microsoft.', why));
});

describe('a product that is not known', () => {
  const product = (b: GraphBuilder, h: string) => b.microsoftNode('MatMulBnb4', [h, dV(b)], {}, 'product');
  const behind = (b: GraphBuilder, from: string, nodes: number) => {
    let at = from;
    for (let i = 0; i < nodes; i++) at = b.node('Neg', [at], {}, i === nodes - 1 ? 'last' : undefined);
    return at;
  };

  it.each([1, 4])('is named behind %i nodes that lead to the logits', (nodes) => {
    const build: Build = (b, h) => behind(b, product(b, h), nodes);
    expectRefused(build, 'product" (com.microsoft.MatMulBnb4)', 'this projection is not supported');
  });

  it('is not looked for any farther', () => {
    expectRefused((b, h) => behind(b, product(b, h), 5), 'last" (Neg)', 'this projection is not supported');
  });

  it.each(['Mul', 'Add'])('is named behind %s of two tensors', (opType) => {
    expectRefused((b, h) => b.node(opType, [product(b, h), h]), 'product" (com.micro', 'not supported');
    expectRefused((b, h) => b.node(opType, [h, product(b, h)]), 'product" (com.micro', 'not supported');
    expectRefused((b, h) => b.node(opType, [h, h], {}, 'z'), `z" (${opType})`, 'not supported');
  });
});
