/** The parts that a decoder's graph is written from, over float32 tensors [batch, sequence, …]. */
import { DataType } from '../../onnx/proto/data-type';
import type { GraphBuilder } from '../../onnx/proto/graph-builder';
import { Activations, type BlockOperand, blockProduct, blockRows } from '../../onnx/views/block-product';
import type { Located } from '../checkpoint';
import type { DecoderSpec } from './spec';
import { type Matrix, ONNX_TYPES, type Weights } from './weights';

type FloatMatrix = Extract<Matrix, { kind: 'floats' }>;
type Blocks = Extract<Matrix, { kind: 'blocks' }>;
/** x is [batch, sequence, columns]. */
const RANK = 3;

/** The residual stream [batch, sequence, d]: x, and what is yet to be added to it, which a norm can do on its way. */
export interface Stream {
  readonly x: string;
  readonly added?: string;
}

export class DecoderGraph {
  /** Tensors as matrices [batch · sequence, columns], by name. */
  private readonly flat = new Map<string, string>();
  private readonly activations = new Map<string, Activations>();
  /** [batch, sequence, columns], by columns. */
  private readonly shapes = new Map<number, string>();

  constructor(
    readonly builder: GraphBuilder,
    readonly spec: DecoderSpec,
    readonly weights: Weights,
    /** int64 [2]: batch and sequence. */
    private readonly batchAndSequence: string,
  ) {}

  /** x [batch, sequence, columns] → x·Wᵀ + bias [batch, sequence, rows]. */
  linear(x: string, matrix: Matrix, bias?: Float32Array): string {
    if (matrix.kind === 'floats') return this.floatProduct(x, matrix, bias);
    const product = blockProduct(this.activationsOf(x, matrix.columns), this.operand(matrix));
    return bias
      ? this.add(product, this.builder.floats(bias, [matrix.rows], `${matrix.name}.bias`))
      : product;
  }

  /** ids [batch, sequence] → their rows of a matrix [batch, sequence, columns]. */
  embedding(ids: string, matrix: Matrix): string {
    if (matrix.kind === 'blocks') return blockRows(this.builder, ids, this.operand(matrix, true));
    const found = this.builder.node('Gather', [this.stored(matrix), ids]);
    return matrix.type === 'F32' ? found : this.widened(found);
  }

  /** The family's norm over the last axis. */
  norm(x: string, name: string, length: number): string {
    const { kind, epsilon } = this.spec.norm;
    const inputs = [x, this.normScale(name, length)];
    const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
    if (kind === 'layer') return this.builder.node('LayerNormalization', inputs, attributes);
    return this.builder.node('SimplifiedLayerNormalization', inputs, {
      ...attributes,
      stash_type: { int: 1 },
    });
  }

  /** The stream as one tensor, and its norm. */
  normOf(stream: Stream, name: string, length: number): { readonly x: string; readonly normed: string } {
    const { x, added } = stream;
    const { kind, epsilon } = this.spec.norm;
    if (added === undefined || kind === 'layer') {
      const whole = this.whole(stream);
      return { x: whole, normed: this.norm(whole, name, length) };
    }
    const [normed, sum] = [this.builder.freshName('normed'), this.builder.freshName('stream')];
    const inputs = [x, added, this.normScale(name, length)];
    const attributes = { epsilon: { float: epsilon } };
    this.builder.microsoftNodes(
      'SkipSimplifiedLayerNormalization',
      inputs,
      [normed, '', '', sum],
      attributes,
    );
    return { x: sum, normed };
  }

  whole({ x, added }: Stream): string {
    return added === undefined ? x : this.add(x, added);
  }

  add(a: string, b: string): string {
    return this.builder.node('Add', [a, b]);
  }

  scaled(x: string, factor: number): string {
    return factor === 1 ? x : this.builder.node('Mul', [x, this.builder.floats([factor], [])]);
  }

  /** [batch, sequence, heads · size] → [batch, sequence · heads, size] */
  perHead(x: string, size: number): string {
    return this.builder.node('Reshape', [x, this.builder.ints([0, -1, size], [3], `by${size}`)]);
  }

  /** Any tensor of as many elements → [batch, sequence, columns] */
  perToken(x: string, columns: number): string {
    return this.builder.node('Reshape', [x, this.shapeOf(columns)]);
  }

  /** Worked out once for all tensors of a width: small nodes are what a small model's token costs. */
  private shapeOf(columns: number): string {
    const { builder, batchAndSequence, shapes } = this;
    const known =
      shapes.get(columns) ??
      builder.node('Concat', [batchAndSequence, builder.ints([columns])], { axis: { int: 0 } });
    shapes.set(columns, known);
    return known;
  }

  /** Gemm reads W [rows, columns] as it lies in its file; a Transpose would be folded into a second copy. */
  private floatProduct(x: string, matrix: FloatMatrix, bias: Float32Array | undefined): string {
    const { rows, columns, name, type } = matrix;
    const stored = this.stored(matrix);
    const inputs = [this.flattened(x, columns), type === 'F32' ? stored : this.widened(stored)];
    if (bias) inputs.push(this.builder.floats(bias, [rows], `${name}.bias`));
    return this.perToken(this.builder.node('Gemm', inputs, { transB: { int: 1 } }), rows);
  }

  private normScale(name: string, length: number): string {
    const stored = this.weights.vector(name, length);
    const addsOne = this.spec.norm.addsOne && !this.weights.normsIncludeOne;
    const scale = addsOne ? stored.map((value) => 1 + value) : stored;
    return this.builder.floats(scale, [length], name);
  }

  private stored({ name, rows, columns, type, at }: FloatMatrix): string {
    const external = this.weights.externalData(at);
    return this.builder.externalInitializer(name, ONNX_TYPES[type], [rows, columns], external);
  }

  /** @param asRows codes shaped for looking up rows, not for a product */
  private operand({ name, blocks: matrix }: Blocks, asRows = false): BlockOperand {
    const { rows, columns, bits, blockSize, codes, scales, constants } = matrix;
    const count = columns / blockSize;
    const dims = asRows ? [rows, (columns * bits) / 8] : [rows, count, (blockSize * bits) / 8];
    const add = (part: string, type: number, shape: readonly number[], at: Located) =>
      this.builder.externalInitializer(`${name}.${part}`, type, shape, this.weights.externalData(at));
    return {
      rows,
      columns,
      bits,
      blockSize,
      codes: add(asRows ? 'rows' : 'codes', DataType.UINT8, dims, codes),
      scales: add('scales', DataType.FLOAT, [rows, count], scales),
      constants: constants && add('constants', DataType.FLOAT, [rows, count], constants),
    };
  }

  private activationsOf(x: string, columns: number): Activations {
    const known = this.activations.get(x) ?? new Activations(this.builder, x, columns, RANK);
    this.activations.set(x, known);
    return known;
  }

  private flattened(x: string, columns: number): string {
    const known = this.flat.get(x);
    if (known !== undefined) return known;
    const shape = this.builder.ints([-1, columns], [2], `rowsOf${columns}`);
    const flat = this.builder.node('Reshape', [x, shape]);
    this.flat.set(x, flat);
    return flat;
  }

  private widened(x: string): string {
    return this.builder.node('Cast', [x], { to: { int: DataType.FLOAT } });
  }
}
