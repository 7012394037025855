/** Inspection builds the very views that opening runs: what one refuses, the other does. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { afterEach, expect, it, vi } from 'vitest';
import { inspectFolder } from '../../engine/model/inspect';
import { Model } from '../../engine/model/model';
import { GraphBuilder } from '../../engine/onnx/proto/graph-builder';
import { type DecoderOptions, writeDecoder } from '../../fixtures/decoder';
import { writeQuantizedDecoder } from '../../fixtures/quantized-decoder';
import {
  bfloat16Head,
  dequantizeHead,
  integerHead,
  nBitsHead,
  type QuantizedHead,
  type Sizes,
} from '../../fixtures/quantized-heads';
import { temporaryFolder } from '../../fixtures/runs';
import { FIXTURES } from '../exports/traces';

const folder = temporaryFolder();
afterEach(() => vi.restoreAllMocks());

const FLOAT: readonly Partial<DecoderOptions>[] = [
  { head: 'MatMul', tied: false },
  { head: 'MatMul(Transpose)' },
  { head: 'Gemm', gemmBias: true },
  { head: 'Gemm', tail: [{ op: 'cap', at: 5 }] },
  { head: 'MatMul(Transpose)', dtype: 'float16', tail: [{ op: 'Cast' }] },
];

const QUANTIZED: Readonly<Record<string, (sizes: Sizes) => QuantizedHead>> = {
  bfloat16: bfloat16Head,
  'dequantised [V, d]': (s) => dequantizeHead({ ...s, type: 'uint4', layout: 'Vd', axis: 1, blockSize: 16 }),
  'dequantised [d, V]': (s) => dequantizeHead({ ...s, type: 'int8', layout: 'dV', axis: 1 }),
  MatMulInteger: (s) => integerHead({ ...s, operator: 'MatMulInteger', type: 'uint8', perChannel: true }),
  DynamicQuantizeMatMul: (s) =>
    integerHead({ ...s, operator: 'DynamicQuantizeMatMul', type: 'int8', perChannel: false }),
  ...Object.fromEntries(
    ([4, 8] as const).flatMap((bits) =>
      [0, 4].map((accuracyLevel) => [
        `MatMulNBits of ${bits} bits, level ${accuracyLevel}`,
        (s: Sizes) => nBitsHead({ ...s, bits, blockSize: 32, zeroPoints: 'float', accuracyLevel }),
      ]),
    ),
  ),
};

const MODELS: readonly { name: string; dtype: string | null; write: () => string }[] = [
  ...FLOAT.map((options) => ({
    name: JSON.stringify(options),
    dtype: null,
    write: () => writeDecoder(join(folder, String(FLOAT.indexOf(options))), { layers: 1, ...options }).folder,
  })),
  ...Object.entries(QUANTIZED).map(([name, make]) => ({
    name,
    dtype: 'q4',
    write: () => writeQuantizedDecoder(join(folder, name), make),
  })),
  { name: 'a merged decoder', dtype: 'q8', write: () => join(FIXTURES, 'llama-merged') },
];

it.each(MODELS)('$name', async ({ dtype, write }) => {
  const path = write();
  const finish = vi.spyOn(GraphBuilder.prototype, 'finish');
  const card = inspectFolder(path, dtype, { source: 'folder', model: path, name: path });
  expect(card.refusal).toBeNull();
  const inspected = finish.mock.results.map(({ value }) => digest(value));

  const create = vi.spyOn(InferenceSession, 'create');
  const model = await Model.open({ folder: path, dtype, memorySaver: false, device: 'cpu' });
  // What opens late opens with the first rows that it is for.
  await model.head.projectDecoded(new Float32Array(2 * model.head.hiddenSize));
  await model.release();
  const opened = create.mock.calls.map(([view]) => digest(view as unknown));
  expect(opened.length).toBeGreaterThan(4);
  expect(inspected.toSorted()).toEqual(opened.toSorted());
});

function digest(view: unknown): string {
  if (!(view instanceof Uint8Array)) throw new Error('a view is bytes');
  return createHash('sha256').update(view).digest('hex');
}
