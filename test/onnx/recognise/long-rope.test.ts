/** Which graphs choose between two tables of rotary angles by the length of what is attended to. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { longRope } from '../../../engine/onnx/recognise/long-rope';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { temporaryFolder } from '../../../fixtures/runs';

const folder = temporaryFolder();
const opened: OnnxFile[] = [];
afterAll(() => {
  for (const file of opened) file.close();
});

interface Parts {
  readonly measured?: string;
  readonly compare?: string;
  readonly steps?: readonly string[];
  readonly limit?: (b: GraphBuilder) => string;
  readonly choose?: (b: GraphBuilder, condition: string) => void;
}

const TABLE = [{ dims: [2], data: Float32Array.of(1, 2) }];
const LIMIT = 4096;

/** As onnxruntime-genai's builder writes it: If(Greater(length of the mask, 4096)) between constants. */
function found({
  measured = 'attention_mask',
  compare = 'Greater',
  steps = ['Gather'],
  limit = (b) => b.ints([LIMIT], [], 'limit'),
  choose = (b, condition) => void b.chooseFloats(condition, TABLE, TABLE),
}: Parts = {}) {
  const b = new GraphBuilder();
  b.input('attention_mask', DataType.INT64, ['batch', 'total']);
  b.input('input_ids', DataType.INT64, ['batch', 'sequence']);
  let length = b.node('Shape', [measured]);
  for (const step of steps) length = b.node(step, [length, b.ints([1])]);
  choose(b, b.node(compare, [length, limit(b)], {}, 'is_long'));
  const path = join(folder, `${opened.length}.onnx`);
  writeFileSync(path, b.finish());
  const file = new OnnxFile(path);
  opened.push(file);
  return longRope(file);
}

/** If whose branch has a Constant and another node. */
function choiceOfComputed(b: GraphBuilder, condition: string): void {
  const node = new WireWriter().text(1, condition).text(2, 'chosen').text(4, 'If');
  node.message(5, (attribute) =>
    attribute.text(1, 'then_branch').message(6, (branch) => {
      for (const opType of ['Constant', 'Neg']) branch.message(1, (n) => n.text(2, opType).text(4, opType));
    }),
  );
  b.copiedNode(node.finish());
}

it('is found with its condition and the last length of the first table', () => {
  expect(found()).toEqual({ condition: 'is_long', threshold: LIMIT });
});

it.each([[[]], [['Slice', 'Squeeze']], [['Gather', 'Cast', 'Unsqueeze', 'Identity']]])(
  'is found behind %j of the length',
  (steps) => {
    expect(found({ steps })).toEqual({ condition: 'is_long', threshold: LIMIT });
  },
);

it('is found beside another choice', () => {
  const choose = (b: GraphBuilder, condition: string) => {
    b.chooseFloats(b.node('Not', [condition]), TABLE, TABLE);
    b.chooseFloats(condition, TABLE, TABLE);
  };
  expect(found({ choose })).toEqual({ condition: 'is_long', threshold: LIMIT });
});

it.each<[string, Parts]>([
  ['the length of something else', { measured: 'input_ids' }],
  ['another comparison', { compare: 'Less' }],
  ['a length that is computed with', { steps: ['Gather', 'Neg'] }],
  ['a limit of another type', { limit: (b) => b.floats([LIMIT], [], 'limit') }],
  ['a limit that is computed', { limit: (b) => b.node('Neg', [b.ints([LIMIT], [])]) }],
  ['no limit at all', { limit: (b) => b.ints([], [0], 'limit') }],
  ['a choice that the caller makes', { choose: (b) => void b.chooseFloats('input_ids', TABLE, TABLE) }],
  ['no choice', { choose: () => {} }],
  ['a choice between what is computed', { choose: choiceOfComputed }],
  ['a choice without branches', { choose: (b, condition) => void b.node('If', [condition]) }],
  [
    'another node with branches',
    {
      choose: (b, condition) => {
        b.node('Loop', [condition], { body: { constants: TABLE } });
      },
    },
  ],
])('is not found with %s', (_, parts) => {
  expect(found(parts)).toBeUndefined();
});
