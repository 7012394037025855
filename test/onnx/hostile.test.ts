/** Files made to exhaust or mislead the reader are refused in one line, in little time and memory. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOnnxModel } from '../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../engine/onnx/proto/wire-writer';
import { findHead } from '../../engine/onnx/recognise/find-head';
import { OnnxFile } from '../../engine/onnx/source/onnx-file';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();

/** ModelProto { ir_version (1), graph (7), opset_import (8) }, and what `more` adds. */
function modelOf(
  graph: (graph: WireWriter) => void,
  more: (model: WireWriter) => void = () => {},
): Uint8Array {
  const model = new WireWriter().varint(1, 8).message(7, graph);
  more(model);
  return model.message(8, (opset) => opset.varint(2, 17)).finish();
}

function read(bytes: Uint8Array) {
  return readOnnxModel({
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
}

function refusal(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

const node = (inputs: string[], outputs: string[], opType: string) => (n: WireWriter) => {
  for (const input of inputs) n.text(1, input);
  for (const output of outputs) n.text(2, output);
  n.text(4, opType);
};

describe('a file that declares', () => {
  /** A message of `count` fields with this payload. */
  const repeated = (number: number, payload: Uint8Array, count: number) => {
    const one = new WireWriter().bytes(number, payload).finish();
    const body = new Uint8Array(one.length * count);
    for (let i = 0; i < count; i++) body.set(one, i * one.length);
    return body;
  };
  const nothing = new Uint8Array(0);
  const graphOf = (number: number, payload: Uint8Array, count: number) =>
    new WireWriter()
      .varint(1, 8)
      .message(8, (opset) => opset.varint(2, 17))
      .bytes(7, repeated(number, payload, count))
      .finish();

  it.each([
    ['millions of nodes', graphOf(1, nothing, 1_000_000)],
    ['millions of inputs', graphOf(11, nothing, 1_000_000)],
    ['millions of attributes', graphOf(1, new WireWriter().bytes(5, nothing).finish(), 500_000)],
    ['millions of fields that nobody reads', graphOf(14, nothing, 4_000_000)],
    ['millions of dims', graphOf(5, new WireWriter().bytes(1, new Uint8Array(8_000_000)).finish(), 1)],
    [
      'names of a gigabyte',
      graphOf(1, new WireWriter().bytes(1, new Uint8Array(60_000).fill(0x61)).finish(), 4_000),
    ],
  ])('%s is refused', (_, bytes) => {
    expect(refusal(() => read(bytes))).toMatchObject({ kind: 'input', code: 'oversized-structure' });
  });
});

describe('a file with', () => {
  it.each([
    ['a name of a megabyte', modelOf((g) => g.message(1, (n) => n.text(3, 'x'.repeat(2 ** 20))))],
    ...[0, 16].map((bits): [string, Uint8Array] => [
      `weights of ${bits} bits`,
      modelOf((g) =>
        g.message(1, (n) =>
          n
            .text(4, 'GatherBlockQuantized')
            .text(7, 'com.microsoft')
            .message(5, (a) => a.text(1, 'bits').varint(3, bits)),
        ),
      ),
    ]),
    [
      'two attributes of one name in a node',
      modelOf((g) =>
        g.message(1, (n) => {
          for (const value of [1, 2]) n.message(5, (a) => a.text(1, 'axis').varint(3, value));
        }),
      ),
    ],
    [
      'two graphs',
      modelOf(
        () => {},
        (m) => m.message(7, () => {}),
      ),
    ],
    [
      'two tensors of one name',
      modelOf((g) => {
        for (const dim of [1, 2]) g.message(5, (t) => t.varint(1, dim).varint(2, 1).text(8, 'w'));
      }),
    ],
    [
      'a node that writes over a weight',
      modelOf((g) => g.message(5, (t) => t.varint(2, 1).text(8, 'w')).message(1, node(['x'], ['w'], 'Neg'))),
    ],
    ['dims beyond all numbers', modelOf((g) => g.message(5, (t) => t.varint(1, 2 ** 40).varint(1, 2 ** 40)))],
    [
      'dims beyond all numbers beside a 0',
      modelOf((g) =>
        g.message(5, (t) =>
          t
            .varint(1, 2 ** 40)
            .varint(1, 2 ** 40)
            .varint(1, 0),
        ),
      ),
    ],
    [
      'a shape of forty dims',
      modelOf((g) => g.message(5, (t) => t.bytes(1, new Uint8Array(40).fill(1)).text(8, 'w'))),
    ],
  ])('%s is malformed', (_, bytes) => {
    expect(refusal(() => read(bytes))).toMatchObject({ kind: 'input', code: 'malformed-onnx' });
  });

  it('names that would break the line of a message is refused in one line', () => {
    const name = `a\nb\u2028c\u001b[31m${'x'.repeat(50_000)}`;
    const bytes = modelOf((g) => g.message(5, (t) => t.varint(1, -1).text(8, name)));
    const error = refusal(() => read(bytes));
    expect(error).toMatchObject({ code: 'malformed-onnx' });
    const { message } = error as Error;
    expect(message).toMatch(/^tensor "a b c \[31mx/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(message).not.toMatch(/[\u0000-\u001f\u2028]/);
    expect(message.length).toBeLessThan(1100);
  });
});

describe('local functions', () => {
  /** Function i calls function i + 1 `calls` times. */
  const chain = (length: number, calls: number, last: string) => (model: WireWriter) => {
    for (let i = 0; i < length; i++) {
      model.message(25, (f) => {
        f.text(1, `f${i}`).text(10, 'local');
        for (let call = 0; call < calls; call++) {
          const callee = i + 1 < length ? `f${i + 1}` : last;
          f.message(7, (n) => n.text(2, `y${call}`).text(4, callee).text(7, 'local'));
        }
      });
    }
  };
  const graph = (g: WireWriter) => g.message(1, (n) => n.text(2, 'y').text(4, 'f0').text(7, 'local'));

  it('as deep as exports have them are read', () => {
    expect(read(modelOf(graph, chain(10, 3, 'Neg'))).functions).toHaveLength(10);
  });

  it('may be 32 deep', () => {
    expect(read(modelOf(graph, chain(32, 1, 'Neg'))).functions).toHaveLength(32);
    expect(refusal(() => read(modelOf(graph, chain(33, 1, 'Neg'))))).toMatchObject({
      message: expect.stringContaining('functions are nested too deep'),
    });
  });

  it('that call themselves inside a branch are refused by name', () => {
    const inBranch = (model: WireWriter) =>
      model.message(25, (f) =>
        f
          .text(1, 'f0')
          .text(10, 'local')
          .message(7, (n) =>
            n
              .text(4, 'If')
              .message(5, (a) =>
                a
                  .text(1, 'then_branch')
                  .message(6, (g) => g.message(1, (call) => call.text(4, 'f0').text(7, 'local'))),
              ),
          ),
      );
    expect(refusal(() => read(modelOf(graph, inBranch)))).toMatchObject({
      message: expect.stringContaining('function "f0" calls itself'),
    });
  });

  it.each([
    ['that call each other twice, thirty deep', chain(30, 2, 'Neg'), 'oversized-structure'],
    ['that call themselves', chain(3, 1, 'f1'), 'malformed-onnx'],
    ['without end', chain(20_000, 1, 'Neg'), 'malformed-onnx'],
  ])('%s are refused', (_, functions, code) => {
    expect(refusal(() => read(modelOf(graph, functions)))).toMatchObject({ kind: 'input', code });
  });
});

it.each([
  ['Identity', 'logits'],
  ['Tanh', 'logits'],
])('twenty thousand %s nodes before the logits are refused', (opType, end) => {
  const count = 20_000;
  const bytes = modelOf((g) => {
    for (let i = 0; i < count; i++) {
      g.message(1, node([i === 0 ? 'h' : `t${i}`], [i === count - 1 ? end : `t${i + 1}`], opType));
    }
    g.message(12, (output) => output.text(1, end));
  });
  const model = read(bytes);
  expect(refusal(() => findHead(model))).toMatchObject({ kind: 'input', code: 'unsupported-head' });
});

it.skipIf(process.platform === 'win32')('a pipe in place of the ONNX file is refused at once', () => {
  const path = join(folder, 'pipe.onnx');
  execFileSync('mkfifo', [path]);
  expect(refusal(() => new OnnxFile(path))).toMatchObject({ kind: 'input', code: 'unreadable-file' });
});
