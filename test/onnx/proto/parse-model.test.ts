/** What the ONNX reader takes from a model's bytes, hand-encoded by the field numbers of onnx.proto. */
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { outerNames } from '../../../engine/onnx/proto/model-types';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { ofBytes, read } from './hand-encoded';

describe('a model', () => {
  it('has its version and operator sets; "ai.onnx" is the default domain', () => {
    const model = readOnnxModel(
      ofBytes(
        new WireWriter()
          .varint(1, 9)
          .message(7, () => {})
          .message(8, (opset) => opset.text(1, 'ai.onnx').varint(2, 21))
          .finish(),
      ),
    );
    expect(model.irVersion).toBe(9);
    expect([...model.opsets]).toEqual([['', 21]]);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    [
      'no graph',
      new WireWriter()
        .varint(1, 8)
        .message(8, (o) => o.varint(2, 17))
        .finish(),
    ],
    ['no operator set', new WireWriter().message(7, () => {}).finish()],
    ['a graph that is a number', new WireWriter().varint(7, 1).finish()],
  ])('is refused with %s', (_, bytes) => {
    expect(() => readOnnxModel(ofBytes(bytes))).toThrow(
      expect.objectContaining({ kind: 'input', code: 'malformed-onnx' }),
    );
  });
});

describe('a node', () => {
  it('has names, domain and attributes of each kind', () => {
    const { nodes } = read((graph) =>
      graph.message(1, (node) =>
        node
          .text(1, 'a')
          .text(1, '')
          .text(2, 'y')
          .text(3, '/head/MatMul')
          .text(4, 'MatMulNBits')
          .message(5, (a) => a.text(1, 'bits').varint(3, 4).varint(20, 2))
          .message(5, (a) => a.text(1, 'alpha').float(2, 0.5).varint(20, 1))
          .message(5, (a) => a.text(1, 'axis').varint(3, -1).varint(20, 2))
          .message(5, (a) => a.text(1, 'mode').text(4, 'linear').varint(20, 3))
          .message(5, (a) => a.text(1, 'perm').varint(8, 1).varint(8, 0).varint(20, 7))
          .message(5, (a) => a.text(1, 'packed').bytes(8, Uint8Array.of(2, 3)).varint(20, 7))
          .text(7, 'com.microsoft'),
      ),
    );
    const [node] = nodes;
    expect(node).toMatchObject({
      name: '/head/MatMul',
      opType: 'MatMulNBits',
      domain: 'com.microsoft',
      inputs: ['a', ''],
      outputs: ['y'],
    });
    const attribute = (name: string) => node!.attributes.get(name)!;
    expect([attribute('bits').i, attribute('axis').i]).toEqual([4n, -1n]);
    expect([attribute('alpha').f, attribute('mode').s]).toEqual([0.5, 'linear']);
    expect([attribute('perm').ints, attribute('packed').ints]).toEqual([
      [1n, 0n],
      [2n, 3n],
    ]);
  });

  it('knows which outer tensors its subgraphs read, through two levels', () => {
    const inner = (node: WireWriter) =>
      node
        .text(2, 'y')
        .text(4, 'If')
        .message(5, (a) =>
          a
            .text(1, 'then_branch')
            .message(6, (g) => g.message(1, (n) => n.text(1, 'deep').text(2, 'z').text(4, 'Neg'))),
        );
    const { nodes } = read((graph) =>
      graph.message(1, (node) =>
        node
          .text(1, 'condition')
          .text(2, 'out')
          .text(4, 'If')
          .message(5, (a) =>
            a.text(1, 'else_branch').message(6, (g) => {
              g.message(1, (n) => n.text(1, 'outer').text(2, 'x').text(4, 'Identity')).message(1, inner);
              g.message(12, (output) => output.text(1, 'passed'));
            }),
          ),
      ),
    );
    expect(outerNames(nodes[0]!)).toEqual(expect.arrayContaining(['outer', 'deep', 'passed']));
  });

  it.each<[string, RegExp, (node: WireWriter) => unknown]>([
    ['a float that is a number', /not a float/, (n) => n.message(5, (a) => a.text(1, 'f').varint(2, 1))],
    ['a number that is a text', /not a number/, (n) => n.message(5, (a) => a.text(1, 'i').text(3, '1'))],
    ['a name that is a number', /not a message/, (n) => n.varint(3, 1)],
  ])('with %s is refused', (_, message, write) => {
    const graph = (g: WireWriter) => g.message(1, (n) => void write(n));
    expect(() => read(graph)).toThrow(
      expect.objectContaining({ code: 'malformed-onnx', message: expect.stringMatching(message) }),
    );
  });

  it('with sparse tensors is refused, and so is a graph', () => {
    const nothing = () => {};
    for (const graph of [
      (g: WireWriter) => g.message(15, nothing),
      (g: WireWriter) => g.message(1, (n) => n.message(5, (a) => a.message(22, nothing))),
      (g: WireWriter) => g.message(1, (n) => n.message(5, (a) => a.message(23, nothing))),
    ])
      expect(() => read(graph)).toThrow(expect.objectContaining({ kind: 'input', code: 'sparse-tensor' }));
  });

  it('with subgraphs without end is refused', () => {
    const nested = (depth: number) => (graph: WireWriter) => {
      graph.message(1, (node) => {
        node.text(2, 'y').text(4, 'If');
        if (depth > 0) node.message(5, (a) => a.text(1, 'then_branch').message(6, nested(depth - 1)));
      });
    };
    expect(() => read(nested(8))).not.toThrow();
    expect(() => read(nested(9))).toThrow(expect.objectContaining({ code: 'malformed-onnx' }));
  });

  it.each([
    ['reads its own output', [['a', 'a']]],
    [
      'reads what a later node writes',
      [
        ['b', 'a'],
        ['a', 'b'],
      ],
    ],
    [
      'writes what another one writes',
      [
        ['x', 'a'],
        ['y', 'a'],
      ],
    ],
  ])('that %s is refused', (_, edges) => {
    const graph = (g: WireWriter) => {
      for (const [from, to] of edges) {
        g.message(1, (node) => node.text(1, from!).text(2, to!).text(4, 'Identity'));
      }
    };
    expect(() => read(graph)).toThrow(expect.objectContaining({ code: 'malformed-onnx' }));
  });
});

describe('an input', () => {
  it('has fixed, named and unknown dims', () => {
    const dim = (shape: WireWriter, value: number | string | undefined) =>
      shape.message(1, (d) => {
        if (typeof value === 'number') d.varint(1, value);
        else if (value !== undefined) d.text(2, value);
      });
    const { inputs } = read((graph) =>
      graph.message(11, (info) =>
        info.text(1, 'past').message(2, (type) =>
          type.message(1, (tensor) =>
            tensor.varint(1, DataType.FLOAT16).message(2, (shape) => {
              for (const value of ['batch_size', 2, undefined]) dim(shape, value);
            }),
          ),
        ),
      ),
    );
    expect(inputs[0]).toMatchObject({
      name: 'past',
      elemType: DataType.FLOAT16,
      dims: ['batch_size', 2, ''],
    });
  });
});
