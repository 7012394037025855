/** Which sessions over a head's weights may hold copies of them, fold them, or lie on another device. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import {
  type HeadPlan,
  isReadInPlace,
  type PlannedView,
  planHead,
  plannedViews,
} from '../../../engine/onnx/views/plan-head';
import type { Arithmetic } from '../../../engine/protocol';
import {
  bfloat16Head,
  dequantizeHead,
  integerHead,
  nBitsHead,
  type QuantizedHead,
} from '../../../fixtures/quantized-heads';
import { temporaryFolder } from '../../../fixtures/runs';

const folder = temporaryFolder();
const opened: OnnxFile[] = [];
afterAll(() => {
  for (const file of opened) file.close();
});

const SIZES = { vocab: 32, d: 32 };
const { vocab, d } = SIZES;

function headOf(write: QuantizedHead['write']) {
  const builder = GraphBuilder.forViews();
  const x = builder.input('x', DataType.FLOAT, [1, 'sequence', d]);
  const h = builder.node('Mul', [x, builder.floats(new Float32Array(d), [d], 'norm')]);
  builder.node('Identity', [write(builder, h)], {}, 'logits');
  builder.output('logits', DataType.FLOAT, [1, 'sequence', vocab]);
  const path = join(folder, `${opened.length}.onnx`);
  writeFileSync(path, builder.finish());
  const file = new OnnxFile(path);
  opened.push(file);
  return { file, head: findHead(file.model) };
}

/** @param dims of the head's weight, where another's is to be planned */
function planOf(write: QuantizedHead['write'], dims?: readonly number[], arithmetic?: Arithmetic): HeadPlan {
  const { file, head } = headOf(write);
  const { projection } = head;
  if (!dims) return planHead(file, head, arithmetic);
  return planHead(file, { ...head, projection: { ...projection, weight: { ...projection.weight, dims } } });
}

const dense =
  (isTied: boolean): QuantizedHead['write'] =>
  (b, h) => {
    const weight = b.floats(new Float32Array(vocab * d), isTied ? [vocab, d] : [d, vocab], 'w');
    return b.node('MatMul', [h, isTied ? b.node('Transpose', [weight]) : weight]);
  };
const nBits = (bits: 4 | 8, accuracyLevel: number) =>
  nBitsHead({ ...SIZES, bits, blockSize: 32, accuracyLevel }).write;

/** Without an entry a session does what the user chose. */
const CHOSEN = {};
const MAPPED = { prepack: false };
const AS_STORED = { prepack: false, fold: false };
const REPACKED = { prepack: true };

it.each<[string, QuantizedHead['write'], Readonly<Record<string, object>>]>([
  ['float32 [d, V]', dense(false), { projection: CHOSEN, gradient: MAPPED }],
  ['float32 [V, d]', dense(true), { projection: CHOSEN, gradient: MAPPED, deltas: MAPPED }],
  [
    'codes that are dequantised',
    dequantizeHead({ ...SIZES, type: 'uint8', layout: 'dV' }).write,
    { projection: AS_STORED, gradient: AS_STORED },
  ],
  [
    'codes for quantised activations',
    integerHead({ ...SIZES, operator: 'MatMulInteger', type: 'int8', perChannel: true }).write,
    { projection: CHOSEN, gradient: AS_STORED, exact: AS_STORED },
  ],
  ['codes of 4 bits', nBits(4, 0), { projection: REPACKED, fewRows: REPACKED }],
  ['codes of 4 bits, rounded activations', nBits(4, 4), { projection: REPACKED }],
  ['codes of 8 bits', nBits(8, 0), { projection: REPACKED }],
])('%s', (_, write, sessions) => {
  const plan = planOf(write);
  const views: Readonly<Record<string, PlannedView>> = plan.linear.views;
  const found = Object.entries(views).map(([name, view]) => [name, view.session ?? CHOSEN]);
  expect(Object.fromEntries(found)).toEqual(sessions);
  for (const { name, build } of Object.values(views)) {
    expect(name).not.toBe('');
    expect(build()).toBeInstanceOf(Uint8Array);
  }
  expect(plannedViews(plan)).toEqual([...Object.values(views), ...Object.values(plan.views)]);
});

it.each([
  ['repacked up to 128 MiB', 2 ** 15, { projection: CHOSEN, gradient: MAPPED, deltas: MAPPED }],
  [
    'read as it lies beyond',
    2 ** 15 + 1,
    { projection: MAPPED, gradient: MAPPED, fewRows: AS_STORED, deltas: MAPPED },
  ],
])('a tied float32 weight is %s', (_, rows, sessions) => {
  const { linear } = planOf(dense(true), [rows, 1024]);
  const found = Object.entries<PlannedView>(linear.views).map(([name, { build, session = CHOSEN }]) => {
    expect(build(), name).toBeInstanceOf(Uint8Array);
    return [name, session];
  });
  expect(Object.fromEntries(found)).toEqual(sessions);
});

it.each<[string, boolean, QuantizedHead['write']]>([
  ['a small float32 weight [V, d]', false, dense(true)],
  ['float32 [d, V]', false, dense(false)],
  ['bfloat16 [V, d]', true, bfloat16Head(SIZES).write],
  ['codes', false, nBits(4, 0)],
  ['dequantised codes', false, dequantizeHead({ ...SIZES, type: 'uint8', layout: 'Vd' }).write],
])('%s is read in place whatever was chosen: %s', (_, expected, write) => {
  expect(isReadInPlace(headOf(write).head.projection)).toBe(expected);
});

it("what reads the prompt's probabilities is on the CPU, where they lie; the rest where the model is", () => {
  const { views } = planOf(dense(true));
  const onCpu = Object.entries(views).flatMap(([name, view]) =>
    view.session?.device === 'cpu' ? [name] : [],
  );
  expect(onCpu).toEqual(['shiftedSoftmax', 'narrowShiftedSoftmax', 'narrow', 'growth']);
  for (const { name, build } of Object.values(views)) {
    expect(name).not.toBe('');
    expect(build().length).toBeGreaterThan(0);
  }
});

it('products in 8 bits are planned where the file rounds to them, or float32 has no fast one', () => {
  const isInt8 = (bits: 4 | 8, level: number) => {
    const { linear } = planOf(nBits(bits, level));
    return linear.kind === 'nbits' && linear.int8;
  };
  expect([isInt8(4, 0), isInt8(4, 4), isInt8(8, 0), isInt8(8, 4)]).toEqual([false, true, true, true]);
});

it('rows are decoded in fewer terms in fast arithmetic alone, and not where the file rounds them itself', () => {
  const isFast = (bits: 4 | 8, level: number, arithmetic?: Arithmetic) => {
    const { linear } = planOf(nBits(bits, level), undefined, arithmetic);
    return linear.kind === 'nbits' && linear.fastDecoding;
  };
  expect([isFast(4, 0), isFast(4, 0, 'exact'), isFast(8, 0, 'exact')]).toEqual([false, false, false]);
  expect([isFast(4, 0, 'fast'), isFast(8, 0, 'fast')]).toEqual([true, true]);
  expect([isFast(4, 4, 'fast'), isFast(8, 4, 'fast')]).toEqual([false, false]);
});
