/** The sums of a SLOT step, as the views take them, against float64. */
import { describe, expect, it } from 'vitest';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import {
  floatData,
  floats,
  halfData,
  halves,
  type Tensors,
  ViewSession,
} from '../../../engine/onnx/runtime/session';
import { planHead } from '../../../engine/onnx/views/plan-head';
import { vocabularyChunks } from '../../../engine/onnx/views/vocabulary-chunks';
import { fromFloat16 } from '../../../fixtures/float16';
import { error, headFiles, vector } from '../runtime/head-files';

const { written } = headFiles();
const [vocab, d, m, lanes] = [307, 16, 5, 3];
const SCALE = 0.5;
const { count, size } = vocabularyChunks(vocab);

/** Of a head whose logits are half its products. */
async function run(name: 'shiftedSoftmax' | 'narrowShiftedSoftmax' | 'narrow' | 'growth', feeds: Tensors) {
  const write = (b: Parameters<Parameters<typeof written>[0]['write']>[0], h: string) => {
    const product = b.node('MatMul', [h, b.floats(vector(d * vocab, 1), [d, vocab], 'w')]);
    return b.node('Mul', [product, b.floats([SCALE], [])]);
  };
  const file = written({ write, weights: new Float64Array(0) }, { vocab, d });
  const { views } = planHead(file, findHead(file.model), 'exact');
  const session = await ViewSession.open(views[name], { folder: file.folder, prepack: true });
  const found = await session.run(feeds);
  await session.release();
  return found;
}

/** [chunks, of, size] of a number for each row and token, 0 behind the last token. */
function chunked(of: number, value: (row: number, id: number) => number): Float32Array {
  return Float32Array.from({ length: count * of * size }, (_, at) => {
    const id = Math.floor(at / (of * size)) * size + (at % size);
    return id < vocab ? value(Math.floor(at / size) % of, id) : 0;
  });
}

const draws = vector(m * vocab, 2).map((value) => 10 ** (4 * value - 8));
const p = (row: number, id: number) => draws[row * vocab + id]!;
const growths = vector(lanes * vocab, 3).map((value) => Math.exp(4 * value - 4));
const growth = (lane: number, id: number) => growths[lane * vocab + id]!;
const weights = vector(lanes * m, 4).map(Math.abs);
const likely = vector(lanes * m, 5).map(Math.abs);
const ids = Array.from({ length: vocab }, (_, id) => id);

describe.each([
  ['in float32', false],
  ['in codes, with the likely tokens beside', true],
])('probabilities %s', (_, isNarrow) => {
  it('are summed by position, and their means taken by lane', async () => {
    const feeds = {
      growth: floats(chunked(lanes, growth), [count, lanes, 1, size]),
      weights: floats(weights, [lanes, 1, m]),
    };
    const wide = chunked(m, p);
    const { codes, scales } = await run('narrow', { p: floats(wide, [count, m, size]) });
    const narrow = {
      codes: halves(halfData(codes), [count, 1, m, size]),
      scales: floats(floatData(scales), [count, 1, 1, size]),
      likely: floats(likely, [lanes, 1, m]),
    };
    const { sums, meanP } = isNarrow
      ? await run('narrowShiftedSoftmax', { ...feeds, ...narrow })
      : await run('shiftedSoftmax', { ...feeds, p: floats(wide, [count, 1, m, size]) });
    // Half of float16's last place, of each probability.
    const tolerance = isNarrow ? 2 ** -11 : 2e-6;
    const expected = Float64Array.from({ length: lanes * m }, (_, at) => {
      const lane = Math.floor(at / m);
      const sum = ids.reduce((total, id) => total + p(at % m, id) * growth(lane, id), 0);
      return sum + (isNarrow ? likely[at]! : 0);
    });
    expect(error(floatData(sums), expected)).toBeLessThan(tolerance);
    const means = chunked(lanes, (lane, id) =>
      Array.from(
        { length: m },
        (_, row) => (weights[lane * m + row]! / expected[lane * m + row]!) * p(row, id),
      ).reduce((total, part) => total + part * growth(lane, id), 0),
    );
    expect(error(floatData(meanP), Float64Array.from(means))).toBeLessThan(tolerance);
  });
});

it('a token’s codes have a scale of their own, and lose float16’s rounding alone', async () => {
  const wide = chunked(m, p);
  const { codes, scales } = await run('narrow', { p: floats(wide, [count, m, size]) });
  const [bits, own] = [halfData(codes), floatData(scales)];
  for (const [at, value] of wide.entries()) {
    const scale = own[Math.floor(at / (m * size)) * size + (at % size)]!;
    const code = fromFloat16(bits[at]!);
    expect(code).toBeLessThanOrEqual(2 ** 15);
    expect(Math.abs(code * scale - value)).toBeLessThanOrEqual(2 ** -11 * value);
  }
});

it('a shift grows by its exponential below its highest, and says how wide it is', async () => {
  const b = vector(lanes * vocab, 6, 8);
  const found = await run('growth', { b: floats(b, [lanes, vocab]) });
  const shifts = Array.from({ length: lanes }, (_, lane) => ids.map((id) => SCALE * b[lane * vocab + id]!));
  const highest = shifts.map((shift) => Math.max(...shift));
  const width = shifts.map((shift, lane) => highest[lane]! - Math.min(...shift));
  expect(error(floatData(found.highest), Float64Array.from(highest))).toBeLessThan(1e-6);
  expect(error(floatData(found.width), Float64Array.from(width))).toBeLessThan(1e-6);
  const grown = chunked(lanes, (lane, id) => Math.exp(shifts[lane]![id]! - highest[lane]!));
  expect(error(floatData(found.growth), Float64Array.from(grown))).toBeLessThan(2e-6);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'a shift with %d in it has no width',
  async (value) => {
    const b = new Float32Array(lanes * vocab);
    b[vocab + 7] = value;
    const { width } = await run('growth', { b: floats(b, [lanes, vocab]) });
    expect([...floatData(width)].map(Number.isNaN)).toEqual([false, true, false]);
  },
);
