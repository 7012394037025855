/** What GraphBuilder writes is what the reader reads: attributes, tensors, branches, copies of another model's parts. */
import { expect, it } from 'vitest';
import { byteLength, DataType, dataTypeName } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder, MICROSOFT } from '../../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';

function written(builder: GraphBuilder) {
  const bytes = builder.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  const model = readOnnxModel({ size: bytes.length, read });
  return { model, at: ({ start, end }: { start: number; end: number }) => bytes.subarray(start, end) };
}

it('a node has its names, its domain and an attribute of each kind', () => {
  const builder = GraphBuilder.forViews();
  const attributes = {
    int: { int: -3 },
    float: { float: 0.5 },
    ints: { ints: [2, -1] },
    none: { ints: [] },
    string: { string: 'linear' },
  };
  expect(builder.node('Foo', ['a', '', 'b'], attributes, 'y', 'acme')).toBe('y');
  const { model } = written(builder);
  const [node] = model.nodes;
  expect(node).toMatchObject({
    opType: 'Foo',
    domain: 'acme',
    inputs: ['a', '', 'b'],
    outputs: ['y'],
    name: 'y',
  });
  const found = [...node!.attributes.values()].map(({ name, i, f, ints, s }) => ({ name, i, f, ints, s }));
  const plain = { i: undefined, f: undefined, ints: [], s: undefined };
  expect(found).toEqual([
    { ...plain, name: 'int', i: -3n },
    { ...plain, name: 'float', f: 0.5 },
    { ...plain, name: 'ints', ints: [2n, -1n] },
    { ...plain, name: 'none' },
    { ...plain, name: 'string', s: 'linear' },
  ]);
});

it('a model has the version, the operator sets and the names that it is asked for', () => {
  const plain = written(new GraphBuilder()).model;
  expect([plain.irVersion, ...plain.opsets]).toEqual([8, ['', 17]]);
  const views = GraphBuilder.forViews();
  expect(views.opset).toBe(21);
  expect(written(views).model.opsets).toEqual(
    new Map([
      ['', 21],
      [MICROSOFT, 1],
    ]),
  );
  const own = new GraphBuilder(new Map([['acme', 2]]), 9, 'own_');
  expect(own.opset).toBe(0);
  expect([own.node('Neg', ['x']), own.ints([1]), own.floats([1], [1])]).toEqual([
    'own_Neg_0',
    'own_ints_1',
    'own_floats_2',
  ]);
  expect(written(own).model.irVersion).toBe(9);
});

it('nodes of several outputs give their names in order', () => {
  const builder = new GraphBuilder();
  const { codes, scale, zeroPoint } = builder.dynamicQuantizeLinear('x');
  const columns = builder.columns('x', [2, 3]);
  builder.microsoftNodes('Two', ['x'], ['p', 'q'], { n: { int: 1 } });
  const { model } = written(builder);
  expect(model.nodes.map(({ opType, domain, outputs }) => [opType, domain, outputs])).toEqual([
    ['DynamicQuantizeLinear', '', [codes, scale, zeroPoint]],
    ['Split', '', columns],
    ['Two', MICROSOFT, ['p', 'q']],
  ]);
  expect(model.nodes[1]!.attributes.get('axis')?.i).toBe(-1n);
  expect(new Set([codes, scale, zeroPoint, ...columns]).size).toBe(5);
});

it('constants are chosen by two branches that hold them', () => {
  const builder = new GraphBuilder();
  const table = (...data: number[]) => ({ dims: [data.length], data: Float32Array.from(data) });
  // The second is a part of a larger buffer.
  const part = { dims: [2], data: Float32Array.of(9, 3, 4, 9).subarray(1, 3) };
  const [first, second] = builder.chooseFloats('is_long', [table(1), part], [table(5), table(6, 7)]);
  const { model, at } = written(builder);
  const [choice] = model.nodes;
  expect(choice).toMatchObject({ opType: 'If', inputs: ['is_long'], outputs: [first, second] });
  const values = (name: string) => {
    const [graph] = choice!.attributes.get(name)!.subgraphs;
    expect(graph!.outputs).toMatchObject(
      graph!.nodes.map(({ outputs: [output] }) => ({ name: output, elemType: DataType.FLOAT })),
    );
    return graph!.nodes.map(({ opType, attributes }) => {
      expect(opType).toBe('Constant');
      const [tensor] = attributes.get('value')!.tensors;
      if (tensor?.payload.kind !== 'inline') throw new Error('no elements');
      return [tensor.dims, [...new Float32Array(at(tensor.payload.range).slice().buffer)]];
    });
  };
  expect(values('then_branch')).toEqual([
    [[1], [1]],
    [[2], [3, 4]],
  ]);
  expect(values('else_branch')).toEqual([
    [[1], [5]],
    [[2], [6, 7]],
  ]);
});

it('tensors of one name are written once, inline, external or copied', () => {
  const builder = new GraphBuilder();
  const copied = new WireWriter()
    .varint(1, 1)
    .varint(2, DataType.INT64)
    .text(8, 'copied')
    .bytes(7, Uint8Array.of(5));
  for (const _ of [1, 2]) {
    builder.initializer('inline', DataType.UINT8, [2], Uint8Array.of(1, 2));
    builder.externalInitializer('external', DataType.FLOAT16, [3, 4], {
      location: 'd',
      offset: 16,
      length: 24,
    });
    expect(builder.copiedInitializer('copied', copied.finish())).toBe('copied');
    builder.ints([-1, 2], undefined, 'ints');
    builder.floats([0.5], [1, 1], 'floats');
  }
  const { model, at } = written(builder);
  expect([...model.initializers.values()]).toMatchObject([
    { name: 'inline', dims: [2], dataType: DataType.UINT8, payload: { kind: 'inline' } },
    { name: 'external', dims: [3, 4], payload: { kind: 'external', location: 'd', offset: 16, length: 24 } },
    { name: 'copied', dims: [1], dataType: DataType.INT64, payload: { kind: 'typed' } },
    { name: 'ints', dims: [2], dataType: DataType.INT64 },
    { name: 'floats', dims: [1, 1], dataType: DataType.FLOAT },
  ]);
  expect(at(model.initializers.get('copied')!.range)).toEqual(copied.finish());
});

it('inputs and outputs have their shapes, those of another model as they are', () => {
  const builder = new GraphBuilder();
  builder.input('x', DataType.FLOAT, ['batch', 3]);
  builder.output('y', DataType.INT64, []);
  const info = new WireWriter().text(1, 'given').text(3, 'a note').finish();
  builder.copiedInput(info);
  builder.copiedOutput(info);
  const { model, at } = written(builder);
  expect(model.inputs).toMatchObject([
    { name: 'x', elemType: DataType.FLOAT, dims: ['batch', 3] },
    { name: 'given', elemType: 0, dims: [] },
  ]);
  expect(model.outputs).toMatchObject([{ name: 'y', elemType: DataType.INT64, dims: [] }, { name: 'given' }]);
  expect(at(model.inputs[1]!.range)).toEqual(info);
});

it('nodes and functions of another model are copied to the byte', () => {
  const builder = new GraphBuilder();
  const node = new WireWriter().text(4, 'Foo').text(7, 'ai.onnx').text(6, 'a note').finish();
  builder.copiedNode(node);
  const local = new WireWriter()
    .text(1, 'Foo')
    .text(10, 'ai.onnx')
    .message(7, (n) => n.text(4, 'Neg'))
    .message(11, (a) => a.text(1, 'alpha').float(2, 2))
    .finish();
  builder.copiedFunction(local);
  const { model, at } = written(builder);
  expect(at(model.nodes[0]!.range)).toEqual(node);
  expect(model.nodes[0]!.domain).toBe('');
  expect(at(model.functions[0]!.range)).toEqual(local);
  expect(model.functions).toMatchObject([
    { name: 'Foo', domain: '', nodes: [{ opType: 'Neg' }], attributes: [{ name: 'alpha', f: 2 }] },
  ]);
});

it('a tensor of no known size cannot be written', () => {
  const builder = new GraphBuilder();
  expect(() => builder.initializer('names', DataType.STRING, [1], new Uint8Array(0))).toThrow('names');
  expect(byteLength(DataType.STRING, [1])).toBeUndefined();
});

it('elements of 4 bits take half a byte, an odd one a whole', () => {
  expect([[3], [4], [3, 3], [0], []].map((dims) => byteLength(DataType.INT4, dims))).toEqual([2, 2, 5, 0, 1]);
  expect(byteLength(DataType.DOUBLE, [2, 3])).toBe(48);
});

it('types have the names of onnx.proto, and unknown ones their number', () => {
  expect([DataType.BFLOAT16, 99].map(dataTypeName)).toEqual(['bfloat16', 'type 99']);
});
