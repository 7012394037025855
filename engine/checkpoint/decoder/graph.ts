/** The parts that a decoder's graph is written from, over float32 tensors [batch, sequence, …]. */
import { DataType } from '../../onnx/proto/data-type';
import type { GraphBuilder } from '../../onnx/proto/graph-builder';
import type { DecoderSpec } from './spec';
import { type Matrix, ONNX_TYPES, type Weights } from './weights';

export class DecoderGraph {
  /** Tensors as matrices [batch · sequence, columns], by name. */
  private readonly flat = new Map<string, string>();

  constructor(
    readonly builder: GraphBuilder,
    readonly spec: DecoderSpec,
    readonly weights: Weights,
    /** int64 [2]: batch and sequence. */
    private readonly batchAndSequence: string,
  ) {}

  /** x [batch, sequence, columns] → x·Wᵀ + bias [batch, sequence, rows]. */
  linear(x: string, matrix: Matrix, bias?: Float32Array, output?: string): string {
    switch (matrix.kind) {
      case 'floats':
        return this.floatProduct(x, matrix, bias, output);
      case 'blocks':
      case 'planes':
        throw new Error(`no product is written yet for ${matrix.name}`);
      default:
        return matrix satisfies never;
    }
  }

  /** A matrix's elements as float32 [rows, columns]. */
  floats(matrix: Extract<Matrix, { kind: 'floats' }>): string {
    const { name, rows, columns, type, at } = matrix;
    const external = this.weights.externalData(at);
    const stored = this.builder.externalInitializer(name, ONNX_TYPES[type], [rows, columns], external);
    return type === 'F32' ? stored : this.widened(stored);
  }

  /** ids [batch, sequence] → their rows of a matrix [batch, sequence, columns]. */
  embedding(ids: string, matrix: Matrix): string {
    if (matrix.kind !== 'floats') throw new Error(`no lookup is written yet for ${matrix.name}`);
    const { name, rows, columns, type, at } = matrix;
    const external = this.weights.externalData(at);
    const stored = this.builder.externalInitializer(name, ONNX_TYPES[type], [rows, columns], external);
    const found = this.builder.node('Gather', [stored, ids]);
    return type === 'F32' ? found : this.widened(found);
  }

  /** The family's norm over the last axis. */
  norm(x: string, name: string, length: number): string {
    const { kind, epsilon, addsOne } = this.spec.norm;
    const stored = this.weights.vector(name, length);
    const scale = addsOne && !this.weights.normsIncludeOne ? stored.map((value) => 1 + value) : stored;
    const inputs = [x, this.builder.floats(scale, [length], name)];
    const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
    if (kind === 'layer') return this.builder.node('LayerNormalization', inputs, attributes);
    return this.builder.node('SimplifiedLayerNormalization', inputs, {
      ...attributes,
      stash_type: { int: 1 },
    });
  }

  add(a: string, b: string): string {
    return this.builder.node('Add', [a, b]);
  }

  scaled(x: string, factor: number): string {
    return factor === 1 ? x : this.builder.node('Mul', [x, this.builder.floats([factor], [])]);
  }

  /** [batch, sequence, heads · size] → [batch, sequence · heads, size], and back with `heads` 0. */
  perHead(x: string, size: number): string {
    return this.builder.node('Reshape', [x, this.builder.ints([0, -1, size], [3], `by${size}`)]);
  }

  like(x: string, columns: number): string {
    const shape = this.builder.node(
      'Concat',
      [this.batchAndSequence, this.builder.ints([columns], [1], `columns${columns}`)],
      {
        axis: { int: 0 },
      },
    );
    return this.builder.node('Reshape', [x, shape]);
  }

  /** Gemm reads W [rows, columns] as it lies in its file; a Transpose would be folded into a second copy. */
  private floatProduct(
    x: string,
    matrix: Extract<Matrix, { kind: 'floats' }>,
    bias: Float32Array | undefined,
    output: string | undefined,
  ): string {
    const { builder } = this;
    const { rows, columns, name } = matrix;
    const inputs = [this.flattened(x, columns), this.floats(matrix)];
    if (bias) inputs.push(builder.floats(bias, [rows], `${name}.bias`));
    const product = builder.node('Gemm', inputs, { transB: { int: 1 } });
    const shaped = this.like(product, rows);
    return output === undefined ? shaped : builder.node('Identity', [shaped], {}, output);
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
