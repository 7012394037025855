/** Whatever few bits a head's weights are kept in, SLOT's numbers are those of the weights that they stand for. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
import { softmax } from '../../../fixtures/reference';
import { referenceSlot } from '../../../fixtures/reference-slot';
import { EVEN, error, headFiles, joined, reference, SMALL, vector } from './head-files';

const { folder, open } = headFiles();

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
  {
    name: 'MatMulInteger uint8 with its scales in a row',
    sizes: SMALL,
    make: (sizes) =>
      integerHead({ ...sizes, operator: 'MatMulInteger', type: 'uint8', perChannel: true, row: true }),
    rounds: true,
  },
  {
    name: 'MatMulNBits 4 bits in float16',
    sizes: SMALL,
    make: (sizes) => nBitsHead({ ...sizes, bits: 4, blockSize: 32, halves: true }),
  },
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

const DECOY = join(folder, 'decoy');
writeFileSync(DECOY, new Uint8Array(2 ** 20).fill(0x77));

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
