/**
 * Products with a matrix in blocks, W[n, k] = s·(code - z) + c with s, z and c by row and block: com.microsoft's
 * MatMulNBits for s·(code - z), and the sums of x by block times c. Written alike for a decoder's layers, its head and
 * the head's views.
 */
import type { GraphBuilder } from '../proto/graph-builder';
import { TERMS } from './int8-terms';

/** A matrix by the names of its tensors in a graph. */
export interface BlockOperand {
  readonly rows: number;
  readonly columns: number;
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /**
   * uint8 [rows, blocks, blockSize·bits / 8], or [rows, columns·bits / 8] to gather rows of; of two 4-bit neighbours
   * the first in the low half.
   */
  readonly codes: string;
  /** float32 [rows, blocks] */
  readonly scales: string;
  /** uint8 [rows, ⌈blocks·bits / 8⌉]; without them z is 2^(bits - 1). */
  readonly zeroPoints?: string | undefined;
  /** float32 [rows, blocks] */
  readonly constants?: string | undefined;
}

/** What is multiplied: [..., columns]. What products with several matrices need of it is written once. */
export class Activations {
  private readonly sums = new Map<number, string>();
  private readonly terms = new Map<number, string>();

  /** @param rank how many axes x has */
  constructor(
    readonly builder: GraphBuilder,
    readonly name: string,
    private readonly columns: number,
    private readonly rank: number,
  ) {}

  /** The sum of each block: [..., blocks] */
  blockSums(blockSize: number): string {
    return once(this.sums, blockSize, () => {
      const inputs = [this.apart(blockSize), known(this.builder, [-1])];
      return this.builder.node('ReduceSum', inputs, { keepdims: { int: 0 } });
    });
  }

  /**
   * x as a sum of terms, [terms, ..., columns], that blocks of 8-bit integers hold without loss (see int8-terms.ts):
   * W·x is the sum of W·term, though the operator rounds each term.
   */
  int8Terms(blockSize: number): string {
    return once(this.terms, blockSize, () => {
      const { builder, columns, rank } = this;
      let rest = builder.node('Unsqueeze', [this.apart(blockSize), axis(builder, 0)]);
      const parts: string[] = [];
      for (;;) {
        const largest = lastAxisMax(builder, builder.node('Abs', [rest]));
        const some = builder.node('Max', [largest, builder.floats([TINY], [], 'slot_tiny')]);
        const unit = builder.node('Div', [some, builder.floats([127], [], 'slot_largest_int8')]);
        const codes = builder.node('Round', [builder.node('Div', [rest, unit])]);
        const part = builder.node('Mul', [codes, unit]);
        parts.push(part);
        if (parts.length === TERMS) break;
        rest = builder.node('Sub', [rest, part]);
      }
      const joined = builder.node('Concat', parts, { axis: { int: 0 } });
      const together = builder.node('Reshape', [joined, builder.ints([...zeros(rank), -1])]);
      if (columns % blockSize === 0) return together;
      const ends = [builder.ints([0]), builder.ints([columns]), axis(builder, -1)];
      return builder.node('Slice', [together, ...ends]);
    });
  }

  /** [..., blocks, blockSize] */
  private apart(blockSize: number): string {
    const { builder, name, rank } = this;
    const missing = (blockSize - (this.columns % blockSize)) % blockSize;
    const padded = () => builder.node('Pad', [name, builder.ints([0, missing]), '', axis(builder, -1)]);
    const whole = missing > 0 ? padded() : name;
    return builder.node('Reshape', [whole, known(builder, [...zeros(rank - 1), -1, blockSize])]);
  }
}

/** Below any activation that counts: what a block of zeros is divided by. */
const TINY = 1e-30;

/** MatMulNBits' accuracy_level: in what activations are multiplied. */
export const FLOAT32 = 0;
export const INT8 = 4;
type AccuracyLevel = typeof FLOAT32 | typeof INT8;

/** x · Wᵀ: [..., columns] → [..., rows]. Also the form in which heads are recognised. */
export function blockProduct(
  x: Activations,
  matrix: BlockOperand,
  accuracyLevel: AccuracyLevel = FLOAT32,
  output?: string,
): string {
  const { builder } = x;
  const { blockSize, constants } = matrix;
  const product = (name?: string) => codesProduct(builder, x.name, matrix, accuracyLevel, name);
  if (constants === undefined) return product(output);
  const inputs = [x.blockSums(blockSize), constants];
  const added = builder.microsoftNode('FusedMatMul', inputs, { transB: { int: 1 } });
  return builder.node('Add', [product(), added], {}, output);
}

/** x · (s·(code - z))ᵀ in float32's precision from products that round x to 8 bits. */
export function termsProduct(x: Activations, matrix: BlockOperand): string {
  const { builder } = x;
  const products = codesProduct(builder, x.int8Terms(matrix.blockSize), matrix, INT8);
  return builder.node('ReduceSum', [products, axis(builder, 0)], { keepdims: { int: 0 } });
}

/** x · (s·(code - z))ᵀ */
export function codesProduct(
  builder: GraphBuilder,
  x: string,
  matrix: BlockOperand,
  accuracyLevel: AccuracyLevel,
  output?: string,
): string {
  const { rows, columns, bits, blockSize, codes, scales, zeroPoints } = matrix;
  const inputs = [x, codes, scales, ...(zeroPoints === undefined ? [] : [zeroPoints])];
  const attributes = {
    K: { int: columns },
    N: { int: rows },
    bits: { int: bits },
    block_size: { int: blockSize },
    accuracy_level: { int: accuracyLevel },
  };
  return builder.microsoftNode('MatMulNBits', inputs, attributes, output);
}

/** The rows of W that `ids` [batch, sequence] name, each weight as it is: [batch, sequence, columns] */
export function blockRows(builder: GraphBuilder, ids: string, matrix: BlockOperand): string {
  const { bits, blockSize, codes, scales, zeroPoints, constants } = matrix;
  const inputs = [codes, ids, scales, ...(zeroPoints === undefined ? [] : [zeroPoints])];
  const rows = builder.microsoftNode('GatherBlockQuantized', inputs, {
    bits: { int: bits },
    block_size: { int: blockSize },
    gather_axis: { int: 0 },
    quantize_axis: { int: 1 },
  });
  if (constants === undefined) return rows;
  const apart = builder.node('Reshape', [rows, builder.ints([0, 0, -1, blockSize])]);
  const added = builder.node('Unsqueeze', [builder.node('Gather', [constants, ids]), axis(builder, -1)]);
  const sums = builder.node('Add', [apart, added]);
  return builder.node('Reshape', [sums, builder.ints([0, 0, -1])]);
}

function axis(builder: GraphBuilder, index: number): string {
  return builder.ints([index], [1], `slot_axis_${index}`);
}

/** Its axes became an input in version 18. */
function lastAxisMax(builder: GraphBuilder, x: string): string {
  if (builder.opset < 18) return builder.node('ReduceMax', [x], { axes: { ints: [-1] } });
  return builder.node('ReduceMax', [x, axis(builder, -1)]);
}

/** Integers that a reader of the graph's structure finds without loading a tensor. */
function known(builder: GraphBuilder, values: readonly number[]): string {
  return builder.node('Constant', [], { value_ints: { ints: values } });
}

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

function once(made: Map<number, string>, key: number, make: () => string): string {
  const found = made.get(key) ?? make();
  made.set(key, found);
  return found;
}
