/** What stands behind the projection: its values and derivatives against float64, or a refusal that names the constant. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { HeadRuntime } from '../../../engine/onnx/runtime/head-runtime';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { objectiveView } from '../../../engine/onnx/views/slot-views';
import { PromptObjective } from '../../../engine/slot/objective';
import { uniform } from '../../../fixtures/random-fill';
import { softmax } from '../../../fixtures/reference';
import { largestDifference, temporaryFolder } from '../../../fixtures/runs';

type Tail = (builder: GraphBuilder, z: string) => string;

const folder = temporaryFolder();
const [D, V] = [4, 6];
let files = 0;

const random = uniform(4);
const numbers = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);
const WEIGHT = numbers(D * V);
const BIAS = numbers(V);

function opened(tail: Tail): OnnxFile {
  const builder = GraphBuilder.forViews();
  const weight = builder.floats(WEIGHT, [D, V], 'w');
  const x = builder.input('x', DataType.FLOAT, ['sequence', D]);
  const z = builder.node('MatMul', [builder.node('Neg', [x]), weight]);
  builder.node('Identity', [tail(builder, z)], {}, 'logits');
  builder.output('logits', DataType.FLOAT, ['sequence', V]);
  const path = join(folder, `${files++}.onnx`);
  writeFileSync(path, builder.finish());
  return new OnnxFile(path);
}

function objective(tail: Tail): Uint8Array {
  const file = opened(tail);
  try {
    return objectiveView(file, findHead(file.model));
  } finally {
    file.close();
  }
}

/** Tokens 1 and 4 have no probability. */
const MASKED = [0, 1, 0, 0, 1, 0];
const mask = (b: GraphBuilder, values: readonly number[]) =>
  b.initializer('mask', DataType.BOOL, [V], Uint8Array.from(values));
const masked = (z: Float64Array) => z.map((value, id) => (MASKED[id] ? Number.NEGATIVE_INFINITY : value));
const tanh = (z: Float64Array) => z.map((value) => 3 * Math.tanh(value / 3));

const TAILS: readonly { name: string; tail: Tail; logits: (z: Float64Array) => Float64Array }[] = [
  {
    name: 'a bias',
    tail: (b, z) => b.node('Add', [z, b.floats(BIAS, [V])]),
    logits: (z) => z.map((value, id) => value + BIAS[id]!),
  },
  {
    name: 'one number',
    tail: (b, z) => b.node('Mul', [z, b.floats([2], [1, 1])]),
    logits: (z) => z.map((value) => 2 * value),
  },
  {
    name: 'a mask that keeps what is true',
    tail: (b, z) => {
      const kept = mask(
        b,
        MASKED.map((value) => 1 - value),
      );
      return b.node('Where', [kept, z, b.floats([Number.NEGATIVE_INFINITY], [])]);
    },
    logits: masked,
  },
  {
    name: 'a mask that keeps what is false, behind a scale',
    tail: (b, z) => {
      const half = b.node('Div', [z, b.floats([0.5], [])]);
      return b.node('Where', [mask(b, MASKED), b.floats([Number.NEGATIVE_INFINITY], []), half]);
    },
    logits: (z) => masked(z.map((value) => value / 0.5)),
  },
  {
    name: 'a mask behind a cap',
    tail: (b, z) => {
      const tangent = b.node('Tanh', [b.node('Div', [z, b.floats([3], [])])]);
      const capped = b.node('Mul', [tangent, b.floats([3], [])]);
      return b.node('Where', [mask(b, MASKED), b.floats([-1e30], []), capped]);
    },
    logits: (z) => masked(tanh(z)),
  },
];

describe.each(TAILS)('$name', ({ tail, logits }) => {
  const hidden = numbers(3 * D);
  const b = numbers(V);
  const targets = [3, 0, 5];
  const rows = targets.map((_, row) =>
    Float64Array.from({ length: V }, (_, v) => {
      let sum = 0;
      for (let k = 0; k < D; k++) sum -= hidden[row * D + k]! * WEIGHT[k * V + v]!;
      return sum;
    }),
  );
  const plus = (z: Float64Array, other: ArrayLike<number>) => z.map((value, v) => value + other[v]!);
  const loss = (shift: ArrayLike<number>) =>
    rows.reduce((sum, z, row) => sum - Math.log(softmax(logits(plus(z, shift)))[targets[row]!]!), 0) / 3;
  const sumOver = (p: Float64Array, value: (p: number, v: number) => number) =>
    p.reduce((sum, each, v) => sum + (each > 0 ? each * value(each, v) : 0), 0);
  const open = async () => {
    const file = opened(tail);
    // The head's weights are in the file, which is let go of with the folder.
    return HeadRuntime.open(file, findHead(file.model), { folder: file.folder, prepack: false });
  };

  it('has the loss, the mean probabilities and the derivatives of float64', async () => {
    const head = await open();
    // The graph's input is negated before the projection, where the head is cut off.
    const own = new PromptObjective(
      head,
      hidden.map((value) => -value),
      targets,
    );
    const found = await own.evaluate(b);
    expect(found.loss).toBeCloseTo(loss(b), 5);
    const p = rows.map((z) => softmax(logits(plus(z, b))));
    const mean = Float64Array.from({ length: V }, (_, v) => (p[0]![v]! + p[1]![v]! + p[2]![v]!) / 3);
    expect(largestDifference(found.meanP, mean)).toBeLessThan(1e-6);
    const slopes = Array.from({ length: V }, (_, v) => {
      const moved = (by: number) => loss(b.map((value, id) => value + (id === v ? by : 0)));
      return (moved(0.01) - moved(-0.01)) / 0.02;
    });
    expect(largestDifference(found.residual, slopes)).toBeLessThan(1e-4);
    // As the view for any tail has them, affine or not.
    const z = await head.project(hidden.map((value) => -value));
    const direct = await head.objective(z, b, targets, [1 / 3, 1 / 3, 1 / 3]);
    expect(largestDifference(direct.meanP, mean)).toBeLessThan(1e-6);
    expect(largestDifference(direct.nll, found.positionLoss)).toBeLessThan(1e-5);
    await head.release();
  });

  it('has the log-probabilities, entropies and KL of float64', async () => {
    const head = await open();
    const [first] = rows;
    const own = softmax(logits(plus(first!, b)));
    const base = softmax(logits(first!));
    const z = await head.project(hidden.subarray(0, D).map((value) => -value));
    const found = await head.distributions(z, b);
    expect(largestDifference(found.logprobs.map(Math.exp), own)).toBeLessThan(1e-6);
    expect(largestDifference(found.baseLogprobs.map(Math.exp), base)).toBeLessThan(1e-6);
    expect(found.entropy).toBeCloseTo(
      sumOver(own, (p) => -Math.log(p)),
      5,
    );
    expect(found.baseEntropy).toBeCloseTo(
      sumOver(base, (p) => -Math.log(p)),
      5,
    );
    expect(found.kl).toBeCloseTo(
      sumOver(own, (p, v) => Math.log(p / base[v]!)),
      5,
    );
    await head.release();
  });
});

it('a constant of -100 is a mask', () => {
  const tail: Tail = (b, z) => b.node('Where', [mask(b, MASKED), b.floats([-100], []), z]);
  expect(objective(tail)).toBeInstanceOf(Uint8Array);
});

it.each<[string, Tail, RegExp]>([
  [
    'a constant just above it',
    (b, z) => b.node('Where', [mask(b, MASKED), b.floats([-99.5], []), z]),
    /Where puts -99.5 in a logit's place/,
  ],
  [
    'a constant that is no number',
    (b, z) => b.node('Where', [mask(b, MASKED), b.floats([Number.NaN], []), z]),
    /Where puts NaN in a logit's place/,
  ],
  [
    'a mask with a number for each token',
    (b, z) => b.node('Where', [mask(b, MASKED), b.floats(new Float32Array(V).fill(-1e9), [V], 'm'), z]),
    /Where by "m" is not by one number/,
  ],
  [
    'a scale for each token',
    (b, z) => b.node('Mul', [z, b.floats(new Float32Array(V), [V], 's')]),
    /Mul by "s" is not by one number/,
  ],
  [
    'a bias of another length',
    (b, z) => b.node('Add', [z, b.floats([1, 2], [2], 'b')]),
    /Add constant "b" has 2 elements/,
  ],
  [
    'a constant among the logits that is no mask',
    (b, z) => b.node('Where', [mask(b, MASKED), b.floats([0], []), z]),
    /Where puts 0 in a logit's place/,
  ],
  [
    'a scale of whole numbers',
    (b, z) => b.node('Mul', [z, b.ints([2], [], 'n')]),
    /constant "n" is int64, not a float/,
  ],
])('%s is refused', (_, tail, message) => {
  expect(() => objective(tail)).toThrow(
    expect.objectContaining({ kind: 'input', message: expect.stringMatching(message) }),
  );
});
