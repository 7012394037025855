/** Whatever few bits a head's weights are kept in, SLOT's numbers are those of the weights that they stand for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DataType } from '../../engine/onnx/data-type';
import { GraphBuilder } from '../../engine/onnx/graph-builder';
import { findHead } from '../../engine/onnx/head';
import { HeadRuntime } from '../../engine/onnx/head-runtime';
import { OnnxFile } from '../../engine/onnx/model-file';
import { PromptObjective } from '../../engine/slot/objective';
import { optimise } from '../../engine/slot/optimise';
import {
  bfloat16Head,
  dequantizeHead,
  integerHead,
  nBitsHead,
  type QuantizedHead,
  type Sizes,
} from '../models/quantized-heads';
import { uniform } from '../models/random-fill';
import { softmax } from '../models/reference';
import { referenceSlot } from '../models/reference-slot';

const SMALL: Sizes = { vocab: 301, d: 80 };
const EVEN: Sizes = { vocab: 320, d: 96 };

/** `rounds`: the export itself multiplies activations in 8 bits, so that its logits carry that error. */
const HEADS: readonly { name: string; sizes: Sizes; head: QuantizedHead; rounds?: boolean }[] = [
  { name: 'bfloat16', sizes: SMALL, head: bfloat16Head(SMALL) },
  ...(
    [
      { type: 'int8', layout: 'Vd', axis: 0 },
      { type: 'uint8', layout: 'Vd', axis: 0, zeroPoint: true, product: 'Gemm' },
      { type: 'int8', layout: 'Vd', axis: 0, zeroPoint: true, product: 'Transpose before' },
      { type: 'uint8', layout: 'dV', zeroPoint: true },
      { type: 'int8', layout: 'dV', axis: 1, product: 'Gemm' },
      { type: 'uint4', layout: 'Vd', axis: 1, blockSize: 16, zeroPoint: true },
      { type: 'int4', layout: 'Vd', axis: 1, blockSize: 32, product: 'Gemm' },
      { type: 'int4', layout: 'dV', axis: 0, blockSize: 32, zeroPoint: true },
      { type: 'uint8', layout: 'dV', axis: 0, blockSize: 16 },
      { type: 'uint4', layout: 'dV', axis: 1, zeroPoint: true },
    ] as const
  ).map((options) => ({
    name: `DequantizeLinear ${Object.values(options).join(' ')}`,
    sizes: EVEN,
    head: dequantizeHead({ ...EVEN, ...options }),
  })),
  ...(['MatMulInteger', 'MatMulIntegerToFloat', 'DynamicQuantizeMatMul'] as const).flatMap((operator) =>
    (['int8', 'uint8'] as const).map((type) => ({
      name: `${operator} ${type}`,
      sizes: SMALL,
      head: integerHead({ ...SMALL, operator, type, perChannel: type === 'int8' }),
      rounds: true,
    })),
  ),
  ...([4, 8] as const).flatMap((bits) =>
    [undefined, 'packed' as const, 'float' as const].flatMap((zeroPoints, i) =>
      [0, 4].map((accuracyLevel) => {
        const blockSize = [16, 32, 128][i]!;
        const options = { ...SMALL, bits, blockSize, accuracyLevel };
        return {
          name: `MatMulNBits ${bits} bits, blocks of ${blockSize}, ${zeroPoints ?? 'no'} zero points, level ${accuracyLevel}`,
          sizes: SMALL,
          head: nBitsHead(zeroPoints ? { ...options, zeroPoints } : options),
          rounds: accuracyLevel === 4,
        };
      }),
    ),
  ),
];

const folder = mkdtempSync(join(tmpdir(), 'slot-quantized-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

async function open({ write }: QuantizedHead, { vocab, d }: Sizes): Promise<HeadRuntime> {
  const builder = GraphBuilder.forViews();
  const x = builder.input('x', DataType.FLOAT, [1, 'sequence', d]);
  const h = builder.node('Mul', [x, builder.floats(new Float32Array(d).fill(1), [d], 'norm')]);
  builder.node('Reshape', [write(builder, h), builder.ints([1, -1, vocab])], {}, 'logits');
  builder.output('logits', DataType.FLOAT, [1, 'sequence', vocab]);
  const path = join(folder, `${files++}.onnx`);
  writeFileSync(path, builder.finish());
  const file = new OnnxFile(path);
  const runtime = await HeadRuntime.open(file, findHead(file.model), { folder: file.folder, prepack: true });
  file.close();
  return runtime;
}

function vector(length: number, seed: number, size = 1): Float32Array {
  const next = uniform(seed);
  return Float32Array.from({ length }, () => size * (2 * next() - 1));
}

/** The float weights as the long way round needs them. */
function reference(weights: Float64Array, { vocab, d }: Sizes, rows: readonly Float32Array[]) {
  const project = (h: ArrayLike<number>) =>
    Float64Array.from({ length: vocab }, (_, v) => {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += weights[v * d + k]! * h[k]!;
      return sum;
    });
  const projectBack = (r: ArrayLike<number>) =>
    Float64Array.from({ length: d }, (_, k) => {
      let sum = 0;
      for (let v = 0; v < vocab; v++) sum += weights[v * d + k]! * r[v]!;
      return sum;
    });
  return {
    options: { vocab, d },
    hidden: () => rows.map((row) => Float64Array.from(row)),
    project,
    projectBack,
    tailOf: (z: Float64Array) => ({ logits: z, slope: new Float64Array(z.length).fill(1) }),
  };
}

/** Relative to the largest value expected. */
function error(actual: Float32Array, expected: Float64Array): number {
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0) / largest;
}

describe.each(HEADS)('$name', ({ sizes, head, rounds = false }) => {
  const rows = Array.from({ length: 7 }, (_, i) => vector(sizes.d, 20 + i));
  const plain = reference(head.weights, sizes, rows);

  it('multiplies forwards and backwards as the float weights do', async () => {
    const runtime = await open(head, sizes);
    const delta = vector(sizes.d, 11, 0.3);
    expect(error(await runtime.shift(delta), plain.project(delta))).toBeLessThan(2e-6);
    const scores = vector(sizes.vocab, 12, 8);
    const r = Float32Array.from(softmax(scores));
    r[3]! -= 1;
    expect(error(await runtime.backproject(r), plain.projectBack(r))).toBeLessThan(2e-6);
    const z = await runtime.project(rows[0]!);
    expect(error(z, plain.project(rows[0]!))).toBeLessThan(rounds ? 0.02 : 2e-6);
    await runtime.release();
  });

  it('takes the steps that the float weights take', async () => {
    const runtime = await open(head, sizes);
    const ids = [5, 17, 3, 250, 17, 99, 42];
    const trace = referenceSlot(plain, ids, { preset: 'transformers', steps: 4, lr: 0.1 });
    const hidden = Float32Array.from(rows.flatMap((row) => [...row]));
    const objective = new PromptObjective(runtime, hidden, ids.slice(1));
    const losses: number[] = [];
    let final = 0;
    for await (const step of optimise(runtime, objective, { preset: 'transformers', steps: 4, lr: 0.1 })) {
      losses.push(step.loss);
      final = step.after.loss;
    }
    const expected = Float64Array.of(...trace.losses, trace.finalLoss);
    expect(error(Float32Array.of(...losses, final), expected)).toBeLessThan(rounds ? 0.02 : 1e-5);
    expect(trace.finalLoss).toBeLessThan(trace.losses[0]!);
    await runtime.release();
  });
});

it('works on matrices of many tiles', async () => {
  const sizes = { vocab: 40_001, d: 128 };
  const head = dequantizeHead({ ...sizes, type: 'uint8', layout: 'Vd', axis: 0, zeroPoint: true });
  const plain = reference(head.weights, sizes, []);
  const runtime = await open(head, sizes);
  const delta = vector(sizes.d, 13);
  expect(error(await runtime.shift(delta), plain.project(delta))).toBeLessThan(2e-6);
  const r = vector(sizes.vocab, 14);
  // 40,001 terms, summed in float32.
  expect(error(await runtime.backproject(r), plain.projectBack(r))).toBeLessThan(1e-5);
  await runtime.release();
});
