/** What this machine can do at most through onnxruntime: bytes read and multiplications, with all its threads. */
import { DataType } from '../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../engine/onnx/proto/graph-builder';
import { floats, ViewSession } from '../../engine/onnx/runtime/session';
import { milliseconds } from '../measure';
import { type LargeModel, sizes } from '../models/models';
import { type Figure, figure, type Row } from '../report';
import { type Answers, PROMPT_TOKENS, pace } from './answers';

export interface Limits {
  /** The fastest of all ways tried. */
  readonly readBytesPerMs: number;
  readonly operationsPerMs: number;
  readonly rows: readonly Row[];
}

const MIB = 2 ** 20;
/** Far larger than any cache. */
const READ_BYTES = 512 * MIB;
const MATRIX = { rows: 512, inner: 1024, columns: 8192 };

export async function measureLimits(rounds: number): Promise<Limits> {
  const copied = await copyRate(rounds);
  const reduced = await rate(rounds, READ_BYTES, await reduction());
  const multiplied = await rate(rounds, READ_BYTES, await matrixVector());
  const { rows, inner, columns } = MATRIX;
  const product = await rate(rounds, 2 * rows * inner * columns, await matrixMatrix());
  const read = [copied, reduced, multiplied].reduce((a, b) => (b.max > a.max ? b : a));
  return {
    readBytesPerMs: read.max * 1e6,
    operationsPerMs: product.max * 1e6,
    rows: [
      { what: 'copying in JavaScript, one thread (bytes read and written)', figure: copied, measured: {} },
      { what: 'reading: largest of 128 Mi numbers', figure: reduced, measured: {} },
      { what: 'reading: vector times matrix of 512 MiB', figure: multiplied, measured: {} },
      {
        what: `matrix product ${rows}×${inner}×${columns}, float32`,
        figure: { ...product, unit: 'GFLOP/s' },
        measured: {},
      },
    ],
  };
}

async function rate(rounds: number, amount: number, run: () => Promise<unknown>): Promise<Figure> {
  const samples: number[] = [];
  for (let i = -1; i < rounds; i++) {
    const ms = await milliseconds(run);
    if (i >= 0) samples.push(amount / ms / 1e6);
  }
  return figure('GB/s', samples);
}

function copyRate(rounds: number): Promise<Figure> {
  const from = new Uint8Array(READ_BYTES / 2).fill(1);
  const to = new Uint8Array(READ_BYTES / 2);
  return rate(rounds, READ_BYTES, async () => to.set(from));
}

async function reduction(): Promise<() => Promise<unknown>> {
  const builder = new GraphBuilder();
  const x = builder.input('x', DataType.FLOAT, ['rows', 'columns']);
  builder.node('ReduceMax', [x], { axes: { ints: [1] } }, 'y');
  builder.output('y', DataType.FLOAT, ['rows', 1]);
  const rows = 64;
  const x64 = floats(new Float32Array(READ_BYTES / 4).fill(1), [rows, READ_BYTES / 4 / rows]);
  return runner(builder, { x: x64 });
}

async function matrixVector(): Promise<() => Promise<unknown>> {
  const inner = 1024;
  const columns = READ_BYTES / 4 / inner;
  const builder = new GraphBuilder();
  const a = builder.input('a', DataType.FLOAT, [1, inner]);
  const b = builder.input('b', DataType.FLOAT, [columns, inner]);
  builder.node('Gemm', [a, b], { transB: { int: 1 } }, 'y');
  builder.output('y', DataType.FLOAT, [1, columns]);
  return runner(builder, { a: numbers(1, inner), b: numbers(columns, inner) });
}

async function matrixMatrix(): Promise<() => Promise<unknown>> {
  const { rows, inner, columns } = MATRIX;
  const builder = new GraphBuilder();
  const a = builder.input('a', DataType.FLOAT, [rows, inner]);
  const weight = builder.floats(new Float32Array(inner * columns).fill(0.5), [inner, columns]);
  const product = builder.node('MatMul', [a, weight]);
  builder.node('ReduceMax', [product], { axes: { ints: [1] } }, 'y');
  builder.output('y', DataType.FLOAT, [rows, 1]);
  return runner(builder, { a: numbers(rows, inner) });
}

async function runner(
  builder: GraphBuilder,
  feeds: Parameters<ViewSession['run']>[0],
): Promise<() => Promise<unknown>> {
  const session = await ViewSession.create('limit', builder.finish(), { folder: '.', prepack: true });
  return () => session.run(feeds);
}

function numbers(rows: number, columns: number) {
  return floats(new Float32Array(rows * columns).fill(0.5), [rows, columns]);
}

/** How far prefill and decoding are from what their operations and bytes need at least. */
export function distanceRows(model: LargeModel, { baseline }: Answers, limits: Limits): Row[] {
  const { backboneWeights, bytes } = sizes(model);
  const distance = (what: string, samples: readonly number[], least: number): Row => ({
    what: `${model.name}: ${what}`,
    figure: figure(
      '×',
      samples.map((ms) => ms / least),
    ),
    measured: { measured: figure('ms', samples), limit: figure('ms', [least]) },
  });
  return [
    distance(
      `prefill of ${PROMPT_TOKENS} tokens over its operations`,
      baseline.map(({ prefill }) => prefill),
      (2 * backboneWeights * PROMPT_TOKENS) / limits.operationsPerMs,
    ),
    distance(
      'a decoded token over its bytes',
      baseline.map((answered) => pace(answered)),
      bytes / limits.readBytesPerMs,
    ),
  ];
}
