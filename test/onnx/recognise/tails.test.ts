/** What may lie between a head's product and the logits, and where the graph is cut before it. */
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { type Build, D, headOf, modelOf, V } from './graphs';

const number = (b: GraphBuilder, name: string) => b.floats([2], [], name);
const z = (b: GraphBuilder, h: string) =>
  b.node('MatMul', [h, b.floats(new Float32Array(D * V), [D, V], 'w')], {}, 'z');
const mask = (b: GraphBuilder) => b.initializer('mask', DataType.BOOL, [V], new Uint8Array(V));

describe('between the product and the logits', () => {
  it.each([
    'Identity',
    'Reshape',
    'Squeeze',
    'Unsqueeze',
    'Flatten',
    'Slice',
    'Gather',
    'GatherND',
    'GatherElements',
  ])('%s changes nothing', (opType) => {
    const head = headOf((b, h) => b.node(opType, [z(b, b.node(opType, [h, b.ints([0])])), b.ints([0])]));
    expect(head).toMatchObject({ hidden: 'h', tail: [] });
  });

  it('Cast and Tanh are steps of their own', () => {
    const { tail } = headOf((b, h) => b.node('Cast', [b.node('Tanh', [z(b, h)])], { to: { int: 1 } }));
    expect(tail).toEqual([{ op: 'Tanh' }, { op: 'Cast' }]);
  });

  it('a mask keeps the logits on the side where they are', () => {
    const kept = headOf((b, h) => b.node('Where', [mask(b), z(b, h), number(b, 'low')]));
    expect(kept.tail).toMatchObject([
      { op: 'Where', kept: true, condition: { name: 'mask' }, constant: { name: 'low' } },
    ]);
    const left = headOf((b, h) => b.node('Where', [mask(b), number(b, 'low'), z(b, h)]));
    expect(left.tail).toMatchObject([
      { op: 'Where', kept: false, condition: { name: 'mask' }, constant: { name: 'low' } },
    ]);
  });

  it('other outputs are no concern', () => {
    const head = headOf((b, h) => {
      b.output(b.node('Abs', [h], {}, 'present'), DataType.FLOAT, ['batch']);
      return z(b, h);
    });
    expect(head.hidden).toBe('h');
  });

  it('a number may be what a Constant node holds, as a tensor or alone', () => {
    const { tail } = headOf((b, h) => {
      const alone = b.node('Constant', [], { value_float: { float: 0.5 } }, 'half');
      const shaped = b.node('Squeeze', [b.node('Unsqueeze', [b.node('Flatten', [alone])])]);
      return b.node('Mul', [b.node('Add', [z(b, h), b.node('Reshape', [alone, b.ints([1])])]), shaped]);
    });
    const half = {
      name: 'half',
      dims: [],
      dataType: DataType.FLOAT,
      payload: { kind: 'number', value: 0.5 },
    };
    expect(tail).toMatchObject([
      { op: 'Add', constant: half },
      { op: 'Mul', constant: half },
    ]);
  });

  it.each<[string, Build, string]>([
    [
      'a number divided by the logits',
      (b, h) => b.node('Div', [number(b, 'n'), z(b, h)], {}, 'y'),
      '"y" (Div)',
    ],
    [
      'a mask that is computed',
      (b, h) => b.node('Where', ['x', z(b, h), number(b, 'n')], {}, 'y'),
      '"y" (Where)',
    ],
    [
      'a mask between two computed ones',
      (b, h) => b.node('Where', [mask(b), z(b, h), h], {}, 'y'),
      '"y" (Where)',
    ],
    [
      'a Constant that holds no number',
      (b, h) => b.node('Mul', [z(b, h), b.node('Constant', [], { value_int: { int: 2 } })], {}, 'y'),
      '"y" (Mul)',
    ],
    ['a cap of another kind', (b, h) => b.node('Sigmoid', [z(b, h)], {}, 'y'), '"y" (Sigmoid)'],
  ])('%s is refused', (_, build, node) => {
    expect(() => headOf(build)).toThrow(`head node ${node}: this projection is not supported`);
  });
});

describe('the cut', () => {
  it('is behind an embedding that is multiplied at once: its table is no hidden state', () => {
    const head = headOf((b) => {
      const ids = b.input('ids', DataType.INT64, ['batch', 'sequence']);
      const table = b.floats(new Float32Array(8 * D), [8, D], 'table');
      return z(b, b.node('Gather', [table, ids], {}, 'embedded'));
    });
    expect(head.hidden).toBe('embedded');
  });

  it('is at an input where nothing computes the hidden states', () => {
    expect(headOf((b) => z(b, b.node('Cast', ['x'], { to: { int: 1 } }))).hidden).toBe('x');
  });
});

it('a model without logits is refused', () => {
  const builder = new GraphBuilder();
  builder.node('Neg', [builder.input('x', DataType.FLOAT, [1])], {}, 'scores');
  builder.output('scores', DataType.FLOAT, [1]);
  expect(() => findHead(modelOf(builder))).toThrow(
    expect.objectContaining({
      kind: 'input',
      code: 'no-logits',
      hint: expect.stringContaining('decoder-only'),
    }),
  );
});

it('logits that only a branch computes are refused', () => {
  const builder = new GraphBuilder();
  builder.output('logits', DataType.FLOAT, [1]);
  expect(() => findHead(modelOf(builder))).toThrow(
    expect.objectContaining({
      code: 'unsupported-head',
      message: '"logits" leads to no projection',
      hint: expect.stringContaining('main graph'),
    }),
  );
});
