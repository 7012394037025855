/**
 * Views of a MatMulNBits head, W[v, k] = s·(code - zero point) + c, with s, the zero point and c by row and block.
 *
 * projection  the operator over the file's own bytes
 * gradient    Wᵀ·r. Scales vary along d, which Wᵀ·r does not sum over, so for each block of d it is
 *             codesᵀ·(s ⊙ r): the same operator over the codes transposed, without scales. 8-bit codes
 *             are two 4-bit planes, 16·high + low. Exact, and a quarter to an eighth of float32's bytes.
 */
import { DataType } from '../proto/data-type';
import { GraphBuilder } from '../proto/graph-builder';
import type { Head } from '../recognise/find-head';
import type { NBitsProjection } from '../recognise/projection';
import type { OnnxFile } from '../source/onnx-file';
import { Activations, type BlockOperand, blockProduct, codesProduct, FLOAT32, INT8 } from './block-product';
import { TERMS } from './int8-terms';
import { type CodeBlock, NBitsWeight, transpose } from './nbits-weight';
import { finishProjection } from './projection-outputs';

/**
 * A projection view.
 * @param int8 multiply in 8 bits, rounding each row in blocks. `hidden` is then [rows, terms, d], and z the sum over
 *   a row's terms (see int8-terms.ts).
 */
export function nBitsProjectionView(
  file: OnnxFile,
  head: Head,
  projection: NBitsProjection,
  int8: boolean,
): Uint8Array {
  const builder = GraphBuilder.forViews();
  const matrix = operand(builder, file, head, projection);
  if (int8) sumOfTerms(builder, matrix);
  else {
    const hidden = builder.input('hidden', DataType.FLOAT, ['rows', matrix.columns]);
    blockProduct(new Activations(builder, hidden, matrix.columns, 2), matrix, FLOAT32, 'z');
  }
  return finishProjection(builder, file, head);
}

/** The projection in 8 bits up to z alone: what follows would be computed for nobody. */
export function nBitsFewRowsView(file: OnnxFile, head: Head, projection: NBitsProjection): Uint8Array {
  const builder = GraphBuilder.forViews();
  sumOfTerms(builder, operand(builder, file, head, projection));
  builder.output('z', DataType.FLOAT, ['rows', head.vocab]);
  return builder.finish();
}

/** `hidden` [rows, terms, d] → `z` [rows, V] */
function sumOfTerms(builder: GraphBuilder, matrix: BlockOperand): void {
  const { rows: vocab, columns: d } = matrix;
  const hidden = builder.input('hidden', DataType.FLOAT, ['rows', 'terms', d]);
  const together = builder.node('Reshape', [hidden, builder.ints([-1, d])]);
  const products = blockProduct(new Activations(builder, together, d, 2), matrix, INT8);
  const rowsAndTerms = builder.node('Shape', [hidden], { end: { int: 2 } });
  const shape = builder.node('Concat', [rowsAndTerms, builder.ints([vocab])], { axis: { int: 0 } });
  const apart = builder.node('Reshape', [products, shape]);
  // The sum as a product with ones: ReduceSum takes four times as long.
  const ends = [builder.ints([0]), builder.node('Shape', [hidden], { start: { int: 1 }, end: { int: 2 } })];
  const ones = builder.node('Slice', [builder.floats(new Float32Array(TERMS).fill(1), [TERMS]), ...ends]);
  builder.node('MatMul', [ones, apart], {}, 'z');
}

/** The head's matrix, in a view. */
function operand(
  builder: GraphBuilder,
  file: OnnxFile,
  { hiddenSize: d, vocab }: Head,
  projection: NBitsProjection,
): BlockOperand {
  const { bits, blockSize, weight, scales, zeroPoints, constants } = projection;
  const blocks = Math.ceil(d / blockSize);
  // A weight shared with the embedding may be stored in the embedding's shape.
  const codes = file.addRows(builder, weight, 0, vocab, [vocab, blocks, (blockSize * bits) / 8]);
  const stored = file.addInitializer(builder, scales);
  const isWide = scales.dataType === DataType.FLOAT;
  const wide = isWide ? stored : builder.node('Cast', [stored], { to: { int: DataType.FLOAT } });
  const matrix = { rows: vocab, columns: d, bits, blockSize, codes, scales: wide };
  if (zeroPoints && zeroPoints.dataType !== DataType.UINT8) {
    // onnxruntime has no fast product with float zero points: their share is added like the constants.
    const offsets = new NBitsWeight(file, projection, vocab, d).offsets(2 ** (bits - 1));
    return { ...matrix, constants: builder.floats(transpose(offsets!, blocks, vocab), [vocab, blocks]) };
  }
  return {
    ...matrix,
    zeroPoints: zeroPoints && file.addInitializer(builder, zeroPoints),
    constants: constants && file.addInitializer(builder, constants),
  };
}

/** Codes along V share a scale of 1 in blocks of any size; large ones cost the fewest bytes, and CUDA has none larger. */
const PLANE_BLOCK = 128;

/** r [1, V] → `gradient` [1, the k of these blocks], which follow each other. */
export function nBitsGradientView(
  weight: NBitsWeight,
  blocks: readonly CodeBlock[],
  { bits }: NBitsProjection,
  vocab: number,
): Uint8Array {
  const builder = GraphBuilder.forViews();
  const r = builder.input('r', DataType.FLOAT, [1, vocab]);
  const [first, end] = [blocks[0]!.index * vocab, (blocks.at(-1)!.index + 1) * vocab];
  const scales = builder.floats(weight.scales.subarray(first, end), [blocks.length, vocab]);
  const scaled = builder.node('Mul', [scales, r]);
  const rows = builder.split(scaled, new Array<number>(blocks.length).fill(1), 0);
  const planes = weight.planes(blocks, PLANE_BLOCK);
  const parts = blocks.map(({ size }, i) => {
    const [low, high] = planes[i]!.map((codes) => plane(builder, rows[i]!, codes, size, vocab));
    if (!high) return low!;
    return builder.node('Add', [low!, builder.node('Mul', [high, builder.floats([16], [], 'sixteen')])]);
  });
  const products = builder.node('Concat', parts, { axis: { int: 1 } });
  // 16·(high - 8) + (low - 8) = code - 136.
  const offsets = weight.offsets(bits === 4 ? 8 : 136)?.subarray(first, end);
  if (offsets) {
    const matrix = builder.floats(offsets, [blocks.length, vocab]);
    const sums = builder.node('Gemm', [r, matrix], { transB: { int: 1 } });
    const blockOf = builder.ints(blocks.flatMap(({ size }, i) => new Array<number>(size).fill(i)));
    const added = builder.node('Gather', [sums, blockOf], { axis: { int: 1 } });
    builder.node('Add', [products, added], {}, 'gradient');
  } else builder.node('Identity', [products], {}, 'gradient');
  const size = blocks.reduce((total, block) => total + block.size, 0);
  builder.output('gradient', DataType.FLOAT, [1, size]);
  return builder.finish();
}

/** x [1, V] · (codes - 8) of one 4-bit plane → [1, rows]. */
function plane(builder: GraphBuilder, x: string, codes: Uint8Array, rows: number, vocab: number): string {
  const perRow = Math.ceil(vocab / PLANE_BLOCK);
  const packed = builder.bytes(codes, [rows, perRow, PLANE_BLOCK / 2]);
  const ones = builder.floats(new Float32Array(rows * perRow).fill(1), [rows * perRow], `ones_${rows}`);
  const matrix = {
    rows,
    columns: vocab,
    bits: 4,
    blockSize: PLANE_BLOCK,
    codes: packed,
    scales: ones,
  } as const;
  return codesProduct(builder, x, matrix, FLOAT32);
}
