/** How often a head's matrix is held, which session multiplies how many rows, and one product from many pieces. */
import { expect, it, vi } from 'vitest';
import type { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { HeadRuntime } from '../../../engine/onnx/runtime/head-runtime';
import { openNBits } from '../../../engine/onnx/runtime/nbits-linear';
import { ViewSession } from '../../../engine/onnx/runtime/session';
import { openStored } from '../../../engine/onnx/runtime/stored-linear';
import { fewRowsView } from '../../../engine/onnx/views/dense-views';
import { planHead } from '../../../engine/onnx/views/plan-head';
import {
  dequantizeHead,
  integerHead,
  nBitsHead,
  type QuantizedHead,
} from '../../../fixtures/quantized-heads';
import { EVEN, error, headFiles, reference, SMALL, vector } from './head-files';

const { open, written } = headFiles();

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

it('opens what comes late repacked, whatever the setting, and not by the signal that cancels the opening', async () => {
  const file = written(nBitsHead({ ...EVEN, bits: 4, blockSize: 32 }), EVEN);
  const { signal } = new AbortController();
  const options = { folder: file.folder, prepack: false, signal };
  const runtime = await HeadRuntime.open(file, findHead(file.model), options);
  const opened = vi.spyOn(ViewSession, 'create');
  await runtime.transposedProduct(vector(EVEN.vocab, 23));
  expect(opened.mock.calls.map(([name, , late]) => [name, late])).toEqual([
    ['gradient', { folder: file.folder, prepack: true, signal: undefined }],
  ]);
  opened.mockRestore();
  await runtime.release();
});

it('keeps codes of 4 bits once on another device', async () => {
  const file = written(nBitsHead({ ...EVEN, bits: 4, blockSize: 32 }), EVEN);
  const create = ViewSession.create.bind(ViewSession);
  const opened = vi
    .spyOn(ViewSession, 'create')
    .mockImplementation((name, view, options) => create(name, view, { ...options, device: 'cpu' }));
  const options = { folder: file.folder, prepack: true, device: 'webgpu' } as const;
  const runtime = await HeadRuntime.open(file, findHead(file.model), options);
  await runtime.project(vector(2 * EVEN.d, 17));
  expect(opened.mock.calls.filter(([name]) => name === 'projection')).toHaveLength(1);
  opened.mockRestore();
  await runtime.release();
});

it('multiplies a few rows of a float32 matrix by the session for few, more or fewer by the other', async () => {
  const { vocab, d } = SMALL;
  const weights = Float64Array.from(vector(vocab * d, 18));
  const tied = {
    weights,
    write: (builder: GraphBuilder, hidden: string) => {
      const weight = builder.floats(Float32Array.from(weights), [vocab, d], 'embedding');
      return builder.node('MatMul', [hidden, builder.node('Transpose', [weight])]);
    },
  };
  const file = written(tied, SMALL);
  const head = findHead(file.model);
  const plan = planHead(file, head).linear;
  if (plan.kind !== 'stored') throw new Error(plan.kind);
  // As of a head that is too large to be repacked.
  const session = { prepack: false, fold: false };
  const fewRows = { name: 'projection', build: () => fewRowsView(file, head), session };
  const views = { ...plan.views, fewRows };
  const linear = await openStored({ ...plan, views }, head, { folder: file.folder, prepack: true });
  const run = vi.spyOn(ViewSession.prototype, 'run');
  const sessions: unknown[] = [];
  const plain = reference(weights, SMALL, []);
  for (const rows of [1, 2, 8, 9]) {
    const hidden = vector(rows * d, 19);
    run.mockClear();
    const z = await linear.project(hidden);
    sessions.push(run.mock.contexts[0]);
    expect(run).toHaveBeenCalledTimes(1);
    for (let row = 0; row < rows; row++)
      expect(
        error(
          z.subarray(row * vocab, (row + 1) * vocab),
          plain.project(hidden.subarray(row * d, (row + 1) * d)),
        ),
      ).toBeLessThan(2e-6);
  }
  const [one, two, eight, nine] = sessions;
  expect([nine === one, eight === two, two === one]).toEqual([true, true, false]);
  run.mockRestore();
  await linear.release();
});

it('projects rows one by one only where they would influence each other', async () => {
  const sizes = SMALL;
  const rows = vector(3 * sizes.d, 20);
  const callsOf = async (head: QuantizedHead) => {
    const runtime = await open(head, sizes);
    const run = vi.spyOn(ViewSession.prototype, 'run');
    await runtime.projectApart(rows);
    const { length } = run.mock.calls;
    run.mockRestore();
    await runtime.release();
    return length;
  };
  const operator = 'MatMulInteger';
  expect(await callsOf(integerHead({ ...sizes, operator, type: 'uint8', perChannel: false }))).toBe(3);
  expect(await callsOf(dequantizeHead({ ...sizes, type: 'uint8', layout: 'dV' }))).toBe(1);
});

it('tells two distributions without taking the one that is known again', async () => {
  const runtime = await open(dequantizeHead({ ...SMALL, type: 'uint8', layout: 'dV' }), SMALL);
  const z = await runtime.project(vector(SMALL.d, 21));
  const b = vector(SMALL.vocab, 22, 3);
  const whole = await runtime.distributions(z, b);
  const base = await runtime.distribution(z);
  const run = vi.spyOn(ViewSession.prototype, 'run');
  expect(await runtime.distributions(z, b, base)).toEqual(whole);
  expect(run).toHaveBeenCalledTimes(2);
  run.mockRestore();
  expect(whole.baseLogprobs).toEqual(base.logprobs);
  expect(whole.baseEntropy).toBe(base.entropy);
  expect(whole.kl).toBeGreaterThan(0.1);
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
