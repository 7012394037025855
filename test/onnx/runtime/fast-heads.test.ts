/** In fast arithmetic a head of few bits decodes in two terms of 8 bits; whatever SLOT takes of it stays exact. */
import { describe, expect, it, vi } from 'vitest';
import { differenceOf } from '../../../engine/generate/state-difference';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { HeadRuntime } from '../../../engine/onnx/runtime/head-runtime';
import { ViewSession } from '../../../engine/onnx/runtime/session';
import { dequantizeHead, nBitsHead } from '../../../fixtures/quantized-heads';
import { error, headFiles, joined, reference, SMALL, vector } from './head-files';

const { open, written } = headFiles();

const SIZES = { vocab: 301, d: 160 };
const { vocab, d } = SIZES;
const rows = Array.from({ length: 17 }, (_, i) => vector(d, 20 + i));

/** What two terms of 8 bits may move, of the largest logit. One would move a hundred times as much. */
const TWO_TERMS = 5e-5;
const EXACT = 2e-6;

/** The terms that each run of a projection is given: [rows, terms, d]; undefined for floats. */
async function termsOf(act: () => Promise<unknown>): Promise<(number | undefined)[]> {
  const run = vi.spyOn(ViewSession.prototype, 'run');
  await act();
  const dims = run.mock.calls.map(([{ hidden }]) => hidden?.dims ?? []);
  run.mockRestore();
  return dims.map((of) => (of.length === 3 ? of[1] : undefined));
}

describe.each([4, 8] as const)('a head of %i bits', (bits) => {
  const head = nBitsHead({ ...SIZES, bits, blockSize: 32, zeroPoints: 'packed' });
  const plain = reference(head.weights, SIZES, []);

  it('decodes up to what two terms leave, many rows together as each alone', async () => {
    const runtime = await open(head, SIZES, 'inline', 'fast');
    const together = await runtime.projectDecoded(joined(rows));
    for (const [i, row] of rows.entries()) {
      const alone = await runtime.projectDecoded(row);
      const own = together.subarray(i * vocab, (i + 1) * vocab);
      expect(error(own, Float64Array.from(alone))).toBeLessThan(EXACT);
      const off = error(alone, plain.project(row));
      expect(off).toBeGreaterThan(EXACT);
      expect(off).toBeLessThan(TWO_TERMS);
    }
    for (const some of [rows[0]!, joined(rows)])
      expect(await termsOf(() => runtime.projectDecoded(some))).toEqual([2]);
    await runtime.release();
  });

  it('takes losses, shifts and gradients exactly', async () => {
    const runtime = await open(head, SIZES, 'inline', 'fast');
    const [x] = rows as [Float32Array];
    const r = vector(vocab, 12);
    expect(error(await runtime.project(x), plain.project(x))).toBeLessThan(EXACT);
    expect(error(await runtime.projectApart(x), plain.project(x))).toBeLessThan(EXACT);
    expect(error(await runtime.projectDelta(x), plain.project(x))).toBeLessThan(EXACT);
    expect(error(await runtime.transposedProduct(r), plain.projectBack(r))).toBeLessThan(EXACT);
    const { nll } = await runtime.baseSoftmax(x, [7]);
    const z = plain.project(x);
    const logSum = Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
    expect(nll[0]).toBeCloseTo(logSum - z[7]!, 5);
    await runtime.release();
  });

  it('is part of what fast arithmetic is measured to change', async () => {
    const states = joined(rows);
    for (const arithmetic of ['exact', 'fast'] as const) {
      const runtime = await open(head, SIZES, 'inline', arithmetic);
      const { largest } = await differenceOf(runtime, states, states);
      const logits = Math.max(...(await runtime.project(states)).map(Math.abs));
      expect(largest / logits > EXACT).toBe(arithmetic === 'fast');
      expect(largest / logits).toBeLessThan(TWO_TERMS);
      await runtime.release();
    }
  });

  it('decodes exactly in exact arithmetic', async () => {
    const runtime = await open(head, SIZES);
    const [x] = rows as [Float32Array];
    expect(error(await runtime.projectDecoded(x), plain.project(x))).toBeLessThan(EXACT);
    expect(await termsOf(() => runtime.projectDecoded(x))).toEqual([bits === 4 ? undefined : 3]);
    await runtime.release();
  });

  it("that rounds to 8 bits itself keeps the export's own logits", async () => {
    const own = nBitsHead({ ...SIZES, bits, blockSize: 32, accuracyLevel: 4 });
    const runtime = await open(own, SIZES, 'inline', 'fast');
    expect(await termsOf(() => runtime.projectDecoded(rows[0]!))).toEqual([1]);
    await runtime.release();
  });
});

it('decodes in floats with memory saver, which holds codes of 4 bits once', async () => {
  const file = written(nBitsHead({ ...SIZES, bits: 4, blockSize: 32 }), SIZES);
  const options = { folder: file.folder, prepack: false };
  const runtime = await HeadRuntime.open(file, findHead(file.model), options, 'fast');
  const opened = vi.spyOn(ViewSession, 'create');
  expect(await termsOf(() => runtime.projectDecoded(rows[0]!))).toEqual([undefined]);
  expect(opened).not.toHaveBeenCalled();
  opened.mockRestore();
  await runtime.release();
});

it('decodes by other kinds of heads as they are', async () => {
  const runtime = await open(
    dequantizeHead({ ...SMALL, type: 'uint8', layout: 'dV' }),
    SMALL,
    'inline',
    'fast',
  );
  const x = vector(SMALL.d, 21);
  expect(await runtime.projectDecoded(x)).toEqual(await runtime.project(x));
  await runtime.release();
});
