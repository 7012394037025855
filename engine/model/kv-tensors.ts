/** Keys or values of some rows, [rows, heads, tokens, size] for all that matters here: gathered. */
import { floats, halves, type Tensor } from '../onnx/runtime/session';
import { failure } from '../protocol';

/** Where shorter rows of a batch are padded. */
export type Side = 'left' | 'right';

export interface TensorRow {
  readonly tensor: Tensor;
  readonly row: number;
  readonly length: number;
  /** Tokens of the row, its padding included. */
  readonly held: number;
}

export function gather(rows: readonly TensorRow[], axis: number, side: Side, columns: number): Tensor {
  const { dims } = rows[0]!.tensor;
  const heads = product(dims.slice(1, axis));
  const inner = product(dims.slice(axis + 1));
  const size = columns * inner;
  const into = emptyLike(elements(rows[0]!.tensor), rows.length * heads * size);
  for (const [i, { tensor, row, length, held }] of rows.entries()) {
    const data = elements(tensor);
    const from = tensor.dims[axis]! * inner;
    const used = length * inner;
    const skipped = side === 'left' ? held * inner - used : 0;
    const padding = side === 'left' ? size - used : 0;
    for (let head = 0; head < heads; head++) {
      const start = (row * heads + head) * from + skipped;
      into.set(data.subarray(start, start + used), (i * heads + head) * size + padding);
    }
  }
  return tensorOf(into, dims.with(0, rows.length).with(axis, columns));
}

/** float16 elements are their bits. */
type Elements = Float32Array | Uint16Array;

export function elements(tensor: Tensor): Elements {
  const { data } = tensor;
  if (data instanceof Float32Array || data instanceof Uint16Array) return data;
  throw failure('runtime', 'onnxruntime returned a key-value cache of an unexpected type');
}

function emptyLike(data: Elements, length: number): Elements {
  return data instanceof Float32Array ? new Float32Array(length) : new Uint16Array(length);
}

export function tensorOf(data: Elements, dims: readonly number[]): Tensor {
  return data instanceof Float32Array ? floats(data, dims) : halves(data, dims);
}

function product(dims: readonly number[]): number {
  return dims.reduce((total, dim) => total * dim, 1);
}
