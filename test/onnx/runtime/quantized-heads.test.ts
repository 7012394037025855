/** Whatever few bits a head's weights are kept in, SLOT's numbers are those of the weights that they stand for. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder, MICROSOFT } from '../../../engine/onnx/proto/graph-builder';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { HeadRuntime } from '../../../engine/onnx/runtime/head-runtime';
import { openNBits } from '../../../engine/onnx/runtime/nbits-linear';
import { ViewSession } from '../../../engine/onnx/runtime/session';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { planHead } from '../../../engine/onnx/views/plan-head';
import { PromptObjective } from '../../../engine/slot/objective';
import { optimise } from '../../../engine/slot/optimise';
import {
  bfloat16Head,
  dequantizeHead,
  integerHead,
  nBitsHead,
  type QuantizedHead,
  type Sizes,
} from '../../../fixtures/quantized-heads';
import { uniform } from '../../../fixtures/random-fill';
import { softmax } from '../../../fixtures/reference';
import { referenceSlot } from '../../../fixtures/reference-slot';

const SMALL: Sizes = { vocab: 301, d: 80 };
const EVEN: Sizes = { vocab: 320, d: 96 };
/** Whole blocks, an odd number of them. */
const WHOLE: Sizes = { vocab: 301, d: 160 };

/** Weights as large as several of the pieces in which a file's structure is read. */
const LARGE = 3_000;

/** `rounds`: the export itself multiplies activations in 8 bits, so that its logits carry that error. */
const HEADS: readonly {
  name: string;
  sizes: Sizes;
  make: (sizes: Sizes) => QuantizedHead;
  rounds?: boolean;
}[] = [
  { name: 'bfloat16', sizes: SMALL, make: bfloat16Head },
  {
    name: 'MatMulNBits of the codes that the embedding gathers',
    sizes: SMALL,
    make: (sizes) => nBitsHead({ ...sizes, bits: 4, blockSize: 16, zeroPoints: 'packed', flat: true }),
  },
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
    make: (sizes: Sizes) => dequantizeHead({ ...sizes, ...options }),
  })),
  ...([4, 8] as const).flatMap((bits) =>
    [16, 32].map((blockSize) => ({
      name: `MatMulNBits ${bits} bits, blocks of ${blockSize} with constants, codes of the embedding`,
      sizes: WHOLE,
      make: (sizes: Sizes) => nBitsHead({ ...sizes, bits, blockSize, constants: true, flat: true }),
    })),
  ),
  ...(['MatMulInteger', 'MatMulIntegerToFloat', 'DynamicQuantizeMatMul'] as const).flatMap((operator) =>
    (['int8', 'uint8'] as const).map((type) => ({
      name: `${operator} ${type}`,
      sizes: SMALL,
      make: (sizes: Sizes) => integerHead({ ...sizes, operator, type, perChannel: type === 'int8' }),
      rounds: true,
    })),
  ),
  ...([4, 8] as const).flatMap((bits) =>
    [undefined, 'packed' as const, 'float' as const].flatMap((zeroPoints, i) =>
      [0, 4].map((accuracyLevel) => {
        const blockSize = [16, 32, 128][i]!;
        const options = { bits, blockSize, accuracyLevel, ...(zeroPoints ? { zeroPoints } : {}) };
        return {
          name: `MatMulNBits ${bits} bits, blocks of ${blockSize}, ${zeroPoints ?? 'no'} zero points, level ${accuracyLevel}`,
          sizes: SMALL,
          make: (sizes: Sizes) => nBitsHead({ ...sizes, ...options }),
          rounds: accuracyLevel === 4,
        };
      }),
    ),
  ),
];

const folder = mkdtempSync(join(tmpdir(), 'slot-quantized-'));
const DECOY = join(folder, 'decoy');
writeFileSync(DECOY, new Uint8Array(2 ** 20).fill(0x77));
const opened: OnnxFile[] = [];
afterAll(() => {
  for (const file of opened) file.close();
  rmSync(folder, { recursive: true });
});

/** Writes its tensors into a file beside the ONNX file. */
class ExternalBuilder extends GraphBuilder {
  readonly data: Uint8Array[] = [];
  private length = 0;

  constructor(private readonly location: string) {
    super(
      new Map([
        ['', 21],
        [MICROSOFT, 1],
      ]),
      10,
    );
  }

  override initializer(name: string, dataType: number, dims: readonly number[], data: Uint8Array): string {
    this.data.push(data);
    const at = { location: this.location, offset: this.length, length: data.length };
    this.length += data.length;
    return this.externalInitializer(name, dataType, dims, at);
  }
}

async function open(
  head: QuantizedHead,
  sizes: Sizes,
  weights: 'inline' | 'external' = 'inline',
): Promise<HeadRuntime> {
  const file = written(head, sizes, weights);
  return HeadRuntime.open(file, findHead(file.model), { folder: file.folder, prepack: true });
}

function written(
  { write }: QuantizedHead,
  { vocab, d }: Sizes,
  weights: 'inline' | 'external' = 'inline',
): OnnxFile {
  const name = `${opened.length}.onnx`;
  const builder = weights === 'inline' ? GraphBuilder.forViews() : new ExternalBuilder(`${name}_data`);
  const x = builder.input('x', DataType.FLOAT, [1, 'sequence', d]);
  const h = builder.node('Mul', [x, builder.floats(new Float32Array(d).fill(1), [d], 'norm')]);
  builder.node('Reshape', [write(builder, h), builder.ints([1, -1, vocab])], {}, 'logits');
  builder.output('logits', DataType.FLOAT, [1, 'sequence', vocab]);
  const path = join(folder, name);
  writeFileSync(path, builder.finish());
  if (builder instanceof ExternalBuilder) writeFileSync(`${path}_data`, Buffer.concat(builder.data));
  const file = new OnnxFile(path);
  opened.push(file);
  return file;
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

function joined(rows: readonly Float32Array[]): Float32Array {
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

/** Relative to the largest value expected. */
function error(actual: Float32Array, expected: Float64Array): number {
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0) / largest;
}

describe.each(HEADS)('$name', ({ sizes, make, rounds = false }) => {
  const head = make(sizes);
  const rows = Array.from({ length: 7 }, (_, i) => vector(sizes.d, 20 + i));
  const plain = reference(head.weights, sizes, rows);

  it('multiplies forwards and backwards as the float weights do', async () => {
    const runtime = await open(head, sizes);
    const delta = vector(sizes.d, 11, 0.3);
    expect(error(await runtime.projectDelta(delta), plain.project(delta))).toBeLessThan(2e-6);
    const scores = vector(sizes.vocab, 12, 8);
    const r = Float32Array.from(softmax(scores));
    r[3]! -= 1;
    expect(error(await runtime.transposedProduct(r), plain.projectBack(r))).toBeLessThan(2e-6);
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

  it('projects rows together as each alone', async () => {
    const runtime = await open(head, sizes);
    const alone = await Promise.all(rows.map((row) => runtime.projectApart(row)));
    for (const count of [2, 4, 7]) {
      const together = await runtime.projectApart(joined(rows.slice(0, count)));
      for (let i = 0; i < count; i++) {
        const own = together.subarray(i * sizes.vocab, (i + 1) * sizes.vocab);
        expect(error(own, Float64Array.from(alone[i]!))).toBeLessThan(2e-6);
        if (!rounds) expect(error(own, plain.project(rows[i]!))).toBeLessThan(2e-6);
      }
    }
    await runtime.release();
  });

  it.each(['inline', 'external'] as const)(
    'of many weights, %s, still reads them when other files have come and gone',
    async (weights) => {
      const large = { vocab: sizes.vocab + LARGE, d: 96 };
      const other = make(large);
      const runtime = await open(other, large, weights);
      // Whatever number a closed file had would be one of these by now.
      const decoys = Array.from({ length: 4 }, () => openSync(DECOY, 'r'));
      const r = vector(large.vocab, 15);
      const expected = reference(other.weights, large, []).projectBack(r);
      expect(error(await runtime.transposedProduct(r), expected)).toBeLessThan(5e-6);
      for (const decoy of decoys) closeSync(decoy);
      await runtime.release();
    },
  );
});

it.each([
  ['once with memory saver', false, 1],
  ['once more for a few rows, when these come', true, 2],
] as const)('keeps codes of 4 bits %s', async (_, prepack, sessions) => {
  const head = nBitsHead({ ...EVEN, bits: 4, blockSize: 32 });
  const file = written(head, EVEN);
  const opened = vi.spyOn(ViewSession, 'create');
  const runtime = await HeadRuntime.open(file, findHead(file.model), { folder: file.folder, prepack });
  const projections = () => opened.mock.calls.filter(([name]) => name === 'projection').length;
  await runtime.project(vector(EVEN.d, 17));
  await runtime.project(vector(5 * EVEN.d, 17));
  expect(projections()).toBe(1);
  for (const rows of [2, 4]) await runtime.project(vector(rows * EVEN.d, 17));
  expect(projections()).toBe(sessions);
  opened.mockRestore();
  await runtime.release();
});

it('works on matrices of many tiles', async () => {
  const sizes = { vocab: 40_001, d: 128 };
  const head = dequantizeHead({ ...sizes, type: 'uint8', layout: 'Vd', axis: 0, zeroPoint: true });
  const plain = reference(head.weights, sizes, []);
  const runtime = await open(head, sizes);
  const delta = vector(sizes.d, 13);
  expect(error(await runtime.projectDelta(delta), plain.project(delta))).toBeLessThan(2e-6);
  const r = vector(sizes.vocab, 14);
  // 40,001 terms, summed in float32.
  expect(error(await runtime.transposedProduct(r), plain.projectBack(r))).toBeLessThan(1e-5);
  await runtime.release();
});

it.each([4, 8] as const)(
  'reads codes of %i bits in windows, into several gradient sessions',
  async (bits) => {
    const head = nBitsHead({ ...SMALL, bits, blockSize: 16, zeroPoints: 'packed' });
    const file = written(head, SMALL);
    const found = findHead(file.model);
    const { linear: plan } = planHead(file, found);
    if (plan.kind !== 'nbits') throw new Error(`a MatMulNBits was taken for ${plan.kind}`);
    // Ten rows of five blocks at a time; two blocks of d a session, so three sessions.
    const pieces = { read: 10 * 10 * bits, session: (2 * 16 * SMALL.vocab * bits) / 8 };
    const linear = await openNBits(file, found, plan, { folder: file.folder, prepack: true }, pieces);
    const r = vector(SMALL.vocab, 16);
    const expected = reference(head.weights, SMALL, []).projectBack(r);
    const opened = vi.spyOn(ViewSession, 'create');
    expect(error((await linear.transposedProducts([r]))[0]!, expected)).toBeLessThan(2e-6);
    expect(opened.mock.calls.map(([name]) => name)).toEqual(['gradient', 'gradient', 'gradient']);
    opened.mockRestore();
    await linear.release();
  },
);
