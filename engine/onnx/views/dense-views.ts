/** A float32 weight's views: projection, few rows, gradient. */
import { DataType } from '../proto/data-type';
import { GraphBuilder } from '../proto/graph-builder';
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { finishProjection } from './projection-outputs';

/** A float32 weight's z. A tied head is a Gemm: a Transpose would be folded into a second copy. */
export function denseProjectionView(file: OnnxFile, head: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const weight = file.addInitializer(builder, head.projection.weight);
  const hidden = builder.input('hidden', DataType.FLOAT, ['rows', head.hiddenSize]);
  if (head.projection.layout === 'Vd') builder.node('Gemm', [hidden, weight], { transB: { int: 1 } }, 'z');
  else builder.node('MatMul', [hidden, weight], {}, 'z');
  return finishProjection(builder, file, head);
}

/** hidden [rows, d] → z [rows, V] as (W·Hᵀ)ᵀ, for a tied float32 weight. */
export function fewRowsView(file: OnnxFile, head: Head): Uint8Array {
  const builder = GraphBuilder.forViews();
  const weight = file.addInitializer(builder, head.projection.weight);
  const hidden = builder.input('hidden', DataType.FLOAT, ['rows', head.hiddenSize]);
  const columns = builder.node('Gemm', [weight, hidden], { transB: { int: 1 } });
  builder.node('Transpose', [columns], {}, 'z');
  builder.output('z', DataType.FLOAT, ['rows', head.vocab]);
  return builder.finish();
}

/** Of a tile of W that lanes multiply one after the other, while it is in the processor's cache. */
const TILE_BYTES = 512 * 2 ** 10;

/**
 * deltas [lanes, 1, d] → `b` [lanes, V] = W·delta of each, for a tied float32 weight. Each product is of one row, so that
 * a lane's numbers are the same alone and with others.
 */
export function denseDeltasView(file: OnnxFile, head: Head): Uint8Array {
  const { hiddenSize, vocab } = head;
  const builder = GraphBuilder.forViews();
  const deltas = builder.input('deltas', DataType.FLOAT, ['lanes', 1, hiddenSize]);
  const tiles = addTiles(builder, file, head);
  const transB = { transB: { int: 1 } };
  const products = builder.microsoftNode('FusedMatMul', [deltas, tiles.whole], transB);
  const byLane = builder.node('Transpose', [products], { perm: { ints: [1, 2, 0, 3] } });
  const whole = builder.node('Reshape', [byLane, builder.ints([0, -1])], {}, tiles.rest ? undefined : 'b');
  if (tiles.rest) {
    const each = builder.node('Mul', [deltas, tiles.rest]);
    const rest = builder.node('ReduceSum', [each, builder.ints([2])], { keepdims: { int: 0 } });
    builder.node('Concat', [whole, rest], { axis: { int: 1 } }, 'b');
  }
  builder.output('b', DataType.FLOAT, ['lanes', vocab]);
  return builder.finish();
}

/** r [lanes, V] → Wᵀ·r of each, [lanes, d], for a float32 weight. */
export function denseGradientView(file: OnnxFile, head: Head): Uint8Array {
  const { hiddenSize, vocab, projection } = head;
  const builder = GraphBuilder.forViews();
  const r = builder.input('r', DataType.FLOAT, ['lanes', vocab]);
  if (projection.layout === 'dV') {
    const weight = file.addInitializer(builder, projection.weight);
    builder.node('Gemm', [r, weight], { transB: { int: 1 } }, 'gradient');
  } else {
    const tiles = addTiles(builder, file, head);
    const together = tiles.count * tiles.rows;
    const [first, last] = builder.split(r, tiles.rest ? [together, vocab - together] : [together], 1);
    const parted = builder.node('Reshape', [first!, builder.ints([0, 1, tiles.count, tiles.rows])]);
    const batch = builder.node('Transpose', [parted], { perm: { ints: [2, 0, 1, 3] } });
    const sums = builder.node('MatMul', [batch, tiles.whole]);
    const axes = { keepdims: { int: 0 } };
    const columns = builder.node('ReduceSum', [sums, builder.ints([0])], axes);
    const output = tiles.rest ? undefined : 'gradient';
    const sum = builder.node('Reshape', [columns, builder.ints([-1, hiddenSize])], {}, output);
    if (last && tiles.rest) {
      const column = builder.node('Unsqueeze', [last, builder.ints([2])]);
      const each = builder.node('Mul', [column, tiles.rest]);
      builder.node('Add', [sum, builder.node('ReduceSum', [each, builder.ints([1])], axes)], {}, 'gradient');
    }
  }
  builder.output('gradient', DataType.FLOAT, ['lanes', hiddenSize]);
  return builder.finish();
}

interface Tiles {
  readonly count: number;
  readonly rows: number;
  /** [count, 1, rows, d] */
  readonly whole: string;
  /** [left, d], of a vocabulary that has more rows. */
  readonly rest?: string;
}

/** W [V, d] in tiles, two at least: onnxruntime would fold the lanes of one into a product that sums in another order. */
function addTiles(builder: GraphBuilder, file: OnnxFile, { vocab, hiddenSize, projection }: Head): Tiles {
  const fitting = Math.max(1, Math.floor(TILE_BYTES / (4 * hiddenSize)));
  const largest = Math.max(1, Math.min(fitting, Math.floor(vocab / 2)));
  let rows = largest;
  while (rows > largest / 2 && vocab % rows !== 0) rows--;
  if (vocab % rows !== 0) rows = largest;
  const count = Math.floor(vocab / rows);
  const left = vocab - count * rows;
  const { weight } = projection;
  const whole = file.addRows(builder, weight, 0, count * rows, [count, 1, rows, hiddenSize]);
  return {
    count,
    rows,
    whole,
    ...(left > 0 ? { rest: file.addRows(builder, weight, count * rows, left) } : {}),
  };
}
