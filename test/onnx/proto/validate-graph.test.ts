/** Nodes come in an order in which each reads only what stands before it, or the graph is refused. */
import { describe, expect, it } from 'vitest';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';

interface Step {
  readonly reads: readonly string[];
  readonly writes: string;
  /** What a branch of it reads from the graph around it. */
  readonly captures?: readonly string[];
}

/** The nodes' outputs, in the order in which the reader gives them. */
function orderOf(steps: readonly Step[]): string[] {
  const bytes = new WireWriter()
    .varint(1, 8)
    .message(7, (graph) => {
      for (const { reads, writes, captures = [] } of steps) {
        graph.message(1, (node) => {
          for (const name of reads) node.text(1, name);
          node
            .text(2, writes)
            .text(3, `to ${writes}`)
            .text(4, captures.length > 0 ? 'If' : 'Add');
          if (captures.length === 0) return;
          node.message(5, (attribute) =>
            attribute
              .text(1, 'then_branch')
              .message(6, (branch) =>
                branch
                  .message(1, (inner) => {
                    for (const name of captures) inner.text(1, name);
                    inner.text(2, 'inner').text(4, 'Add');
                  })
                  .message(12, (output) => output.text(1, 'inner')),
              )
              .varint(20, 5),
          );
        });
      }
    })
    .message(8, (opset) => opset.varint(2, 17))
    .finish();
  const { nodes } = readOnnxModel({
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
  return nodes.map(({ outputs }) => outputs[0]!);
}

describe('nodes', () => {
  it.each<[string, Step[], string[]]>([
    [
      'in order stay as they are',
      [
        { reads: ['x'], writes: 'b' },
        { reads: ['x'], writes: 'a' },
        { reads: ['a', 'b'], writes: 'c' },
      ],
      ['b', 'a', 'c'],
    ],
    [
      'in reverse are turned around',
      [
        { reads: ['b'], writes: 'c' },
        { reads: ['a'], writes: 'b' },
        { reads: ['x'], writes: 'a' },
      ],
      ['a', 'b', 'c'],
    ],
    [
      'wait for what their branches read',
      [
        { reads: ['x'], writes: 'c', captures: ['a'] },
        { reads: ['x'], writes: 'a' },
      ],
      ['a', 'c'],
    ],
    [
      'may have branches that use the name of what they write',
      [{ reads: ['x'], writes: 'a', captures: ['a'] }],
      ['a'],
    ],
  ])('%s', (_, steps, order) => {
    expect(orderOf(steps)).toEqual(order);
  });

  it('may leave outputs without a name, more than one of them', () => {
    const unnamed = [
      { reads: ['x'], writes: '' },
      { reads: ['x'], writes: '' },
      { reads: ['x'], writes: 'a' },
    ];
    expect(orderOf(unnamed)).toEqual(['', '', 'a']);
  });

  it.each<[string, Step[], string]>([
    ['one', [{ reads: ['a'], writes: 'a' }], 'to a'],
    [
      'three',
      [
        { reads: ['x'], writes: 'x2' },
        { reads: ['c', 'x2'], writes: 'a' },
        { reads: ['a'], writes: 'b' },
        { reads: ['b'], writes: 'c' },
      ],
      'to a',
    ],
    [
      'two, one through its branch',
      [
        { reads: ['x'], writes: 'a', captures: ['b'] },
        { reads: ['a'], writes: 'b' },
      ],
      'to a',
    ],
  ])('in a circle of %s are refused by name', (_, steps, name) => {
    expect(() => orderOf(steps)).toThrow(
      expect.objectContaining({
        kind: 'input',
        code: 'malformed-onnx',
        message: expect.stringContaining(`"${name}" waits`),
      }),
    );
  });
});

describe('weights of a width that no byte holds', () => {
  /** A MatMulNBits at this depth of branches within branches. */
  const modelOf = (bits: number, depth: number) => {
    const nodes = (graph: WireWriter, left: number): WireWriter =>
      graph.message(1, (node) => {
        node.text(1, 'x').text(2, `y${left}`).text(3, 'deep');
        if (left === 0) {
          node
            .text(4, 'MatMulNBits')
            .text(7, 'com.microsoft')
            .message(5, (a) => a.text(1, 'bits').varint(3, bits).varint(20, 2));
        } else {
          node.text(4, 'If').message(5, (a) =>
            a
              .text(1, 'else_branch')
              .message(6, (branch) => nodes(branch, left - 1))
              .varint(20, 5),
          );
        }
      });
    const bytes = new WireWriter()
      .varint(1, 8)
      .message(7, (graph) => void nodes(graph, depth))
      .message(8, (opset) => opset.varint(2, 17))
      .finish();
    return { size: bytes.length, read: (at: number, length: number) => bytes.subarray(at, at + length) };
  };

  it.each([0, 1, 2])('are refused inside %i branches', (depth) => {
    for (const bits of [0, 9, 16]) {
      expect(() => readOnnxModel(modelOf(bits, depth))).toThrow(
        expect.objectContaining({
          code: 'malformed-onnx',
          message: expect.stringContaining(`weights of ${bits} bits`),
        }),
      );
    }
    for (const bits of [1, 4, 8]) expect(() => readOnnxModel(modelOf(bits, depth))).not.toThrow();
  });
});
