/** What of a model's graph the backbone needs is in its view, and nothing else; what is said of its layers' products. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import type { OnnxModel } from '../../../engine/onnx/proto/model-types';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { backboneView, tokensInteract, whyNotFast } from '../../../engine/onnx/views/backbone-view';
import { temporaryFolder } from '../../../fixtures/runs';

const folder = temporaryFolder();
const opened: OnnxFile[] = [];
afterAll(() => {
  for (const file of opened) file.close();
});
const [D, V] = [4, 6];
const FUNCTION = new WireWriter().text(1, 'f').text(10, 'local').finish();

/** ids → embedding → layers → h → logits, with what no layer needs beside them. */
function modelOf(layers: (builder: GraphBuilder, x: string) => string): OnnxFile {
  const b = GraphBuilder.forViews();
  const ids = b.input('input_ids', DataType.INT64, ['batch', 'sequence']);
  b.input('unused', DataType.FLOAT, [1]);
  b.input('table', DataType.FLOAT, [8, D]);
  const table = b.floats(new Float32Array(8 * D), [8, D], 'table');
  b.floats([1], [1], 'of nobody');
  const h = layers(b, b.node('Gather', [table, ids], {}, 'embedded'));
  const z = b.node('MatMul', [h, b.floats(new Float32Array(D * V), [D, V], 'head')]);
  b.node('Identity', [z], {}, 'logits');
  b.node('Neg', ['embedded'], {}, 'for nobody');
  b.output('logits', DataType.FLOAT, ['batch', 'sequence', V]);
  b.copiedFunction(FUNCTION);
  const path = join(folder, `${opened.length}.onnx`);
  writeFileSync(path, b.finish());
  const file = new OnnxFile(path);
  opened.push(file);
  return file;
}

const plain = (b: GraphBuilder, x: string) => b.node('Neg', [x], {}, 'h');

function viewOf(file: OnnxFile): OnnxModel & { functionBytes: Uint8Array[] } {
  const bytes = backboneView(file, findHead(file.model), 'exact');
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  const model = readOnnxModel({ size: bytes.length, read });
  return { ...model, functionBytes: model.functions.map(({ range }) => bytes.slice(range.start, range.end)) };
}

describe('the view', () => {
  it('has the nodes, weights and inputs that the hidden states need, and the functions', () => {
    const view = viewOf(modelOf(plain));
    expect(view.nodes.map(({ opType }) => opType)).toEqual(['Gather', 'Neg', 'Cast']);
    expect([...view.initializers.keys()]).toEqual(['table']);
    // A weight that is listed as an input too is a weight alone.
    expect(view.inputs.map(({ name }) => name)).toEqual(['input_ids']);
    expect(view.outputs).toMatchObject([
      { name: 'slot_hidden', elemType: DataType.FLOAT, dims: ['batch', 'sequence', D] },
    ]);
    expect(view.functionBytes).toEqual([FUNCTION]);
    expect([...view.opsets]).toEqual([...opened.at(-1)!.model.opsets]);
  });

  it('has the other outputs, and what a branch of a node reads', () => {
    const view = viewOf(
      modelOf((b, x) => {
        b.node('Abs', [x], {}, 'present');
        b.output('present', DataType.FLOAT, ['batch', 'sequence', D]);
        b.node('Not', ['flag'], {}, 'captured');
        b.input('flag', DataType.BOOL, []);
        const branch = new WireWriter().text(1, 'flag').text(2, 'h').text(4, 'If');
        branch.message(5, (a) =>
          a.text(1, 'then_branch').message(6, (g) => {
            g.message(1, (n) => n.text(1, 'captured').text(1, 'table').text(2, 'inner').text(4, 'Where'));
            g.message(12, (output) => output.text(1, x));
          }),
        );
        b.copiedNode(branch.finish());
        return 'h';
      }),
    );
    expect(view.nodes.map(({ opType }) => opType)).toEqual(['Gather', 'Abs', 'Not', 'If', 'Cast']);
    expect(view.inputs.map(({ name }) => name)).toEqual(['input_ids', 'flag']);
    expect(view.outputs.map(({ name }) => name)).toEqual(['slot_hidden', 'present']);
  });

  it('is asked which of longrope’s tables it is to use', () => {
    const table = [{ dims: [D], data: new Float32Array(D) }];
    const view = viewOf(
      modelOf((b, x) => {
        const mask = b.input('attention_mask', DataType.INT64, ['batch', 'total']);
        const length = b.node('Gather', [b.node('Shape', [mask]), b.ints([1], [])]);
        const isLong = b.node('Greater', [length, b.ints([100], [])], {}, 'is_long');
        const [angles] = b.chooseFloats(isLong, table, table);
        return b.node('Mul', [x, angles!], {}, 'h');
      }),
    );
    expect(view.nodes.map(({ opType }) => opType)).not.toContain('Greater');
    expect(view.inputs).toMatchObject([
      { name: 'input_ids' },
      { name: 'attention_mask' },
      { name: 'is_long', elemType: DataType.BOOL, dims: [] },
    ]);
  });
});

describe('the layers', () => {
  const about = (layers: (builder: GraphBuilder, x: string) => string) => {
    const { model } = modelOf(layers);
    const head = findHead(model);
    return { fast: whyNotFast(model, head), interact: tokensInteract(model, head) };
  };
  const product = (b: GraphBuilder, x: string, level?: number) =>
    b.microsoftNode(
      'MatMulNBits',
      [x, 'codes'],
      level === undefined ? {} : { accuracy_level: { int: level } },
    );

  it('are told not to be in codes of few bits', () => {
    expect(about(plain).fast).toMatch(/^its layers are not in codes of few bits/);
    // Another domain's operator of that name is another.
    expect(about((b, x) => b.node('MatMulNBits', [x, 'codes'])).fast).toMatch(/^its layers are not in codes/);
  });

  it('are told to be multiplied in 8 bits whichever is chosen, where all are', () => {
    expect(about((b, x) => product(b, product(b, x, 4), 4)).fast).toMatch(/whichever is chosen/);
    expect(about((b, x) => product(b, product(b, x, 4))).fast).toBeNull();
    expect(about((b, x) => product(b, product(b, x, 0), 4)).fast).toBeNull();
  });

  it.each([
    ['DynamicQuantizeLinear', true],
    ['DynamicQuantizeMatMul', true],
    ['QuantizeLinear', false],
  ])('with %s let the tokens of a call depend on each other: %s', (opType, interact) => {
    expect(about((b, x) => b.node(opType, [x])).interact).toBe(interact);
  });
});
