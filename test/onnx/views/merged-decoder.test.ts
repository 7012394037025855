/** A merged decoder's branches are read as graphs of their own, or refused where they are not what they should be. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { firstCallView } from '../../../engine/onnx/views/backbone-view';
import { temporaryFolder } from '../../../fixtures/runs';

const folder = temporaryFolder();
const [D, V] = [4, 6];

type Part = (graph: WireWriter) => void;

const node =
  (opType: string, inputs: readonly string[], output: string): Part =>
  (graph) =>
    graph.message(1, (n) => {
      for (const input of inputs) n.text(1, input);
      n.text(2, output).text(3, output).text(4, opType);
    });
const matrix =
  (name: string, value = 0): Part =>
  (graph) =>
    graph.message(5, (t) =>
      t
        .varint(1, D)
        .varint(1, V)
        .varint(2, DataType.FLOAT)
        .text(8, name)
        .bytes(9, new Uint8Array(4 * D * V).fill(value)),
    );
const output =
  (name: string): Part =>
  (graph) =>
    graph.message(12, (info) => info.text(1, name));
const condition: Part = (graph) => graph.message(11, (info) => info.text(1, 'use_cache_branch'));

function choice(branches: Readonly<Record<string, readonly Part[]>>): Part {
  return (graph) =>
    graph.message(1, (n) => {
      n.text(1, 'use_cache_branch').text(2, 'logits').text(3, 'choice').text(4, 'If');
      for (const [name, parts] of Object.entries(branches)) {
        n.message(5, (a) =>
          a
            .text(1, name)
            .message(6, (g) => {
              for (const part of parts) part(g);
            })
            .varint(20, 5),
        );
      }
    });
}

/** h = -x, logits = h·w */
const branch = (weight = 'w'): Part[] => [
  node('Neg', ['x'], 'h'),
  node('MatMul', ['h', weight], 'logits'),
  output('logits'),
];

function modelOf(...parts: readonly Part[]): Uint8Array {
  return new WireWriter()
    .varint(1, 8)
    .message(7, (graph) => {
      for (const part of [condition, matrix('w'), ...parts, output('logits')]) part(graph);
    })
    .message(8, (opset) => opset.varint(2, 17))
    .finish();
}

const merged = (then: readonly Part[], otherwise: readonly Part[] = branch()) =>
  modelOf(choice({ then_branch: then, else_branch: otherwise }));

function read(bytes: Uint8Array) {
  return readOnnxModel({
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
}

function firstCallOf(name: string, bytes: Uint8Array): Uint8Array | undefined {
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, bytes);
  const file = new OnnxFile(path);
  try {
    return firstCallView(file, findHead(file.model), 'exact');
  } finally {
    file.close();
  }
}

it('is its graph with past, and holds that of a first call', () => {
  const model = read(
    merged([...branch(), node('Abs', ['x'], 'y')], [node('Neg', ['x'], 'other'), ...branch()]),
  );
  expect(model.nodes.map(({ opType }) => opType)).toEqual(['Neg', 'MatMul', 'Abs']);
  expect(model.firstCall?.nodes.map(({ opType }) => opType)).toEqual(['Neg', 'Neg', 'MatMul']);
  expect(findHead(model)).toMatchObject({ hidden: 'h', projection: { weight: { name: 'w' } } });
});

it('may keep its weights in the branches, small ones twice', () => {
  const own = (name: string) => [matrix(name), ...branch(name)];
  expect(firstCallOf('own', merged(own('a'), own('b')))).toBeInstanceOf(Uint8Array);
});

it('without branches is one graph', () => {
  expect(firstCallOf('plain', modelOf(...branch().slice(0, 2)))).toBeUndefined();
});

describe('is refused', () => {
  it('whose branches end in different heads', () => {
    const bytes = merged(branch(), [matrix('v', 1), ...branch('v')]);
    expect(() => firstCallOf('different', bytes)).toThrow(
      expect.objectContaining({ code: 'unsupported-head', hint: expect.stringMatching(/optimum/) }),
    );
  });

  it.each<[string, Uint8Array]>([
    [
      'whose branches write other names',
      merged([node('Neg', ['x'], 'h'), node('MatMul', ['h', 'w'], 'z'), output('z')]),
    ],
    ['without one of its branches', modelOf(choice({ then_branch: branch() }))],
    ['with one branch inside the other', merged([choice({ then_branch: branch() }), output('logits')])],
  ])('%s, by the name of its If', (_, bytes) => {
    const model = read(bytes);
    expect(() => findHead(model)).toThrow(
      expect.objectContaining({
        code: 'unsupported-head',
        message: expect.stringMatching(/"choice" \(If\)/),
      }),
    );
  });

  it.each<[string, Uint8Array]>([
    [
      'whose branch waits for itself',
      merged([node('Neg', ['b'], 'a'), node('Neg', ['a'], 'b'), ...branch()]),
    ],
    ['whose branch has a weight of the name of an outer one', merged([matrix('w'), ...branch()])],
    ['whose branch writes over an outer weight', merged([node('Neg', ['x'], 'w'), ...branch()])],
    [
      'whose branch writes what the graph around it writes',
      modelOf(node('Neg', ['x'], 'h'), choice({ then_branch: branch(), else_branch: branch() })),
    ],
    ['whose branch has two weights of one name', merged([matrix('v'), matrix('v'), ...branch()])],
  ])('%s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ kind: 'input', code: 'malformed-onnx' }));
  });

  it('whose branch keeps a weight outside of the folder', () => {
    const outside: Part = (graph) =>
      graph.message(5, (t) =>
        t
          .varint(1, D)
          .varint(2, DataType.FLOAT)
          .text(8, 'far')
          .message(13, (entry) => entry.text(1, 'location').text(2, '../secret'))
          .varint(14, 1),
      );
    for (const bytes of [merged([outside, ...branch()]), merged(branch(), [outside, ...branch()])]) {
      expect(() => firstCallOf('outside', bytes)).toThrow(
        expect.objectContaining({ code: 'external-data-outside' }),
      );
    }
  });
});
