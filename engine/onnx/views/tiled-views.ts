/**
 * Products with a weight that is stored in fewer than 32 bits: it is widened a tile at a time, each tile used
 * while it is still in the processor's cache, so that no float32 copy of the matrix is ever kept.
 */
import { byteLength, DataType } from '../proto/data-type';
import { GraphBuilder } from '../proto/graph-builder';
import type { TensorInfo } from '../proto/model-types';
import type { Head } from '../recognise/find-head';
import type { DenseProjection, DequantizedProjection, IntegerProjection } from '../recognise/projection';
import type { OnnxFile } from '../source/onnx-file';
import { finishProjection } from './projection-outputs';

/** Of a tile in float32. Tiles of four times this size took five times as long. */
const TILE_BYTES = 8 * 2 ** 20;

export type TiledProjection = DenseProjection | DequantizedProjection | IntegerProjection;

/** A projection view, with the weight dequantised exactly. */
export function tiledProjectionView(file: OnnxFile, head: Head, projection: TiledProjection): Uint8Array {
  const builder = GraphBuilder.forViews();
  const hidden = builder.input('hidden', DataType.FLOAT, ['rows', head.hiddenSize]);
  multiply(builder, file, projection, hidden, 'z', projection.layout === 'Vd');
  return finishProjection(builder, file, head);
}

/** r [1, V] → gradient [1, d]. */
export function tiledGradientView(file: OnnxFile, head: Head, projection: TiledProjection): Uint8Array {
  const builder = GraphBuilder.forViews();
  const r = builder.input('r', DataType.FLOAT, [1, head.vocab]);
  multiply(builder, file, projection, r, 'gradient', projection.layout === 'dV');
  builder.output('gradient', DataType.FLOAT, [1, head.hiddenSize]);
  return builder.finish();
}

/** x · Wᵀ with the stored tensor's rows as outputs (`rowsOut`), or x · W with its columns as outputs. */
function multiply(
  builder: GraphBuilder,
  file: OnnxFile,
  projection: TiledProjection,
  x: string,
  output: string,
  rowsOut: boolean,
): void {
  const [rows, columns] = projection.weight.dims as [number, number];
  const sizes = tileSizes(projection, rows, columns);
  const tiles = sizes.map((count, i) => addTile(file, builder, projection, i * sizes[0]!, count));
  if (rowsOut) {
    const parts = tiles.map((tile) => builder.node('Gemm', [x, tile], { transB: { int: 1 } }));
    builder.node('Concat', parts, { axis: { int: 1 } }, output);
  } else {
    const parts = builder.split(x, sizes, 1);
    let total: string[] = [];
    // Gemm's third input is what the product is added to.
    tiles.forEach((tile, i) => {
      const name = i === tiles.length - 1 ? output : undefined;
      total = [builder.node('Gemm', [parts[i]!, tile, ...total], {}, name)];
    });
  }
}

/**
 * Alike but for the last. Even, so that tiles of 4-bit codes begin at a byte, and whole blocks of what shares a scale along
 * the rows.
 */
function tileSizes(projection: TiledProjection, rows: number, columns: number): number[] {
  const quantization = projection.kind === 'dense' ? undefined : projection.quantization;
  const unit = Math.max(2, quantization?.axis === 0 ? quantization.blockSize : 0);
  const fitting = Math.floor(TILE_BYTES / byteLength(DataType.FLOAT, [unit, columns])!);
  const size = unit * Math.max(1, fitting);
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => Math.min(size, rows - i * size));
}

/** Rows of the weight, as float32. */
function addTile(
  file: OnnxFile,
  builder: GraphBuilder,
  projection: TiledProjection,
  first: number,
  count: number,
): string {
  const codes = file.addRows(builder, projection.weight, first, count);
  if (projection.kind === 'dense') return builder.node('Cast', [codes], { to: { int: DataType.FLOAT } });
  const { scale, zeroPoint, axis, blockSize } = projection.quantization;
  const shared = scale.dims.reduce((product, dim) => product * dim, 1) === 1;
  const perRow = !shared && (axis === 0 || blockSize > 0);
  const unit = perRow && axis === 0 && blockSize > 0 ? blockSize : 1;
  const parameter = (tensor: TensorInfo) => {
    if (perRow) return file.addRows(builder, tensor, first / unit, Math.ceil(count / unit));
    const name = file.addInitializer(builder, tensor);
    // MatMulInteger's may be [1, V].
    return tensor.dims.length < 2 ? name : builder.node('Reshape', [name, builder.ints([-1])]);
  };
  const wide = (name: string) =>
    scale.dataType === DataType.FLOAT ? name : builder.node('Cast', [name], { to: { int: DataType.FLOAT } });
  const inputs = [codes, wide(parameter(scale)), ...(zeroPoint ? [parameter(zeroPoint)] : [])];
  const attributes = blockSize > 0 ? { block_size: { int: blockSize } } : {};
  return builder.node('DequantizeLinear', inputs, { axis: { int: axis }, ...attributes });
}
