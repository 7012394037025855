/** What the ONNX reader takes from nodes' attributes, and which tensors inside them lie in other files. */
import { describe, expect, it } from 'vitest';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { ofBytes, read } from './hand-encoded';

describe('an attribute', () => {
  const attributeOf = (write: (attribute: WireWriter) => void) => {
    const { nodes } = read((graph) =>
      graph.message(1, (node) => node.message(5, (a) => write(a.text(1, 'own')))),
    );
    return nodes[0]!.attributes.get('own')!;
  };

  it('may hold tensors and graphs, one or several', () => {
    const named = (name: string) => (message: WireWriter) => message.text(8, name);
    const empty = (message: WireWriter) => message.message(12, (output) => output.text(1, 'y'));
    const found = attributeOf((a) =>
      a
        .message(5, named('one'))
        .message(10, named('two'))
        .message(10, named('three'))
        .message(6, empty)
        .message(11, empty)
        .message(11, empty),
    );
    expect(found.tensors.map(({ name }) => name)).toEqual(['one', 'two', 'three']);
    expect(found.subgraphs).toHaveLength(3);
  });

  it('of a text as long as a program is there without it', () => {
    expect(attributeOf((a) => a.text(4, 'x'.repeat(64 * 1024))).s).toHaveLength(64 * 1024);
    expect(attributeOf((a) => a.text(4, 'x'.repeat(64 * 1024 + 1))).s).toBe('');
  });
});

describe('tensors with external data inside', () => {
  const external = (name: string) => (tensor: WireWriter) =>
    tensor
      .text(8, name)
      .varint(14, 1)
      .message(13, (entry) => entry.text(1, 'location').text(2, 'd'));
  const constant = (name: string) => (node: WireWriter) =>
    node.text(4, 'Constant').message(5, (a) => a.text(1, 'value').message(5, external(name)));

  it('nodes, branches, functions and their defaults are told, others are not', () => {
    const graph = (g: WireWriter) =>
      g
        .message(5, external('weight'))
        .message(1, constant('node'))
        .message(1, (node) =>
          node.text(4, 'If').message(5, (a) =>
            a.text(1, 'then_branch').message(6, (branch) =>
              branch
                .message(5, external('branch'))
                .message(5, (t) => t.text(8, 'typed'))
                .message(1, constant('inner')),
            ),
          ),
        );
    const model = new WireWriter()
      .varint(1, 8)
      .message(7, graph)
      .message(8, (opset) => opset.varint(2, 17))
      .message(25, (f) =>
        f
          .text(1, 'f')
          .message(7, constant('function'))
          .message(11, (a) => a.text(1, 'value').message(5, external('default'))),
      )
      .finish();
    const { nestedExternal } = readOnnxModel(ofBytes(model));
    expect(nestedExternal.map(({ name }) => name).sort()).toEqual([
      'branch',
      'default',
      'function',
      'inner',
      'node',
    ]);
  });
});
