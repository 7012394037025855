/** Heads with weights in few bits, as quantisers write them, each with the float weights that they stand for. */
import { DataType } from '../../engine/onnx/data-type';
import type { GraphBuilder } from '../../engine/onnx/graph-builder';
import { uniform } from './random-fill';

export interface QuantizedHead {
  /** The name of the logits' projection, from the hidden states. */
  readonly write: (builder: GraphBuilder, hidden: string) => string;
  /** [V, d] the weights that the codes stand for. */
  readonly weights: Float64Array;
}

export interface Sizes {
  readonly vocab: number;
  readonly d: number;
}

const random = (seed: number) => uniform(seed);

function codesOf(count: number, bits: number, seed: number): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length: count }, () => Math.floor(next() * 2 ** bits));
}

function scalesOf(count: number, seed: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: count }, () => 0.002 + 0.01 * next());
}

/** Two 4-bit codes a byte, the first in the low nibble. */
function pack(codes: Uint8Array): Uint8Array {
  return Uint8Array.from(
    { length: Math.ceil(codes.length / 2) },
    (_, i) => codes[2 * i]! | ((codes[2 * i + 1] ?? 0) << 4),
  );
}

const signed = (code: number, bits: number) => (code >= 2 ** (bits - 1) ? code - 2 ** bits : code);

const TYPES = {
  int8: DataType.INT8,
  uint8: DataType.UINT8,
  int4: DataType.INT4,
  uint4: DataType.UINT4,
} as const;

export interface DequantizeOptions extends Sizes {
  readonly type: keyof typeof TYPES;
  readonly layout: 'Vd' | 'dV';
  /** Scales along this axis of the stored tensor; one scale without it. */
  readonly axis?: 0 | 1;
  readonly blockSize?: number;
  readonly zeroPoint?: boolean;
  /** Where a Transpose stands, if the layout needs one; Gemm has transB instead. */
  readonly product?: 'Transpose after' | 'Transpose before' | 'Gemm';
}

/** MatMul or Gemm with DequantizeLinear of a constant. */
export function dequantizeHead(options: DequantizeOptions): QuantizedHead {
  const {
    vocab,
    d,
    type,
    layout,
    axis,
    blockSize = 0,
    zeroPoint = false,
    product = 'Transpose after',
  } = options;
  const bits = type.endsWith('4') ? 4 : 8;
  const dims = layout === 'Vd' ? [vocab, d] : [d, vocab];
  const [rows, columns] = dims as [number, number];
  const scaleDims =
    axis === undefined
      ? []
      : blockSize > 0
        ? dims.with(axis, Math.ceil(dims[axis]! / blockSize))
        : [dims[axis]!];
  const count = scaleDims.reduce((product, dim) => product * dim, 1);
  const codes = codesOf(rows * columns, bits, 1);
  const scales = scalesOf(count, 2);
  const points = codesOf(count, bits, 3);
  const value = (code: number) => (type.startsWith('u') ? code : signed(code, bits));
  const parameter = (row: number, column: number) => {
    if (axis === undefined) return 0;
    if (blockSize === 0) return axis === 0 ? row : column;
    const [i, j] = axis === 0 ? [Math.floor(row / blockSize), column] : [row, Math.floor(column / blockSize)];
    return i * scaleDims[1]! + j;
  };
  const weights = new Float64Array(vocab * d);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const p = parameter(row, column);
      const point = zeroPoint ? value(points[p]!) : 0;
      const at = layout === 'Vd' ? row * d + column : column * d + row;
      weights[at] = scales[p]! * (value(codes[row * columns + column]!) - point);
    }
  }
  const stored = (b: GraphBuilder, name: string, values: Uint8Array, shape: readonly number[]) =>
    b.initializer(name, TYPES[type], shape, bits === 4 ? pack(values) : values);
  const write = (b: GraphBuilder, hidden: string) => {
    const transposes = layout === 'Vd' && product !== 'Gemm';
    let weight = stored(b, 'codes', codes, dims);
    if (transposes && product === 'Transpose before') weight = b.node('Transpose', [weight]);
    const inputs = [weight, b.floats(scales, scaleDims, 'scale')];
    if (zeroPoint) inputs.push(stored(b, 'zero', points, scaleDims));
    const seenAxis = axis !== undefined && product === 'Transpose before' ? 1 - axis : (axis ?? 1);
    const block: Record<string, { int: number }> = blockSize > 0 ? { block_size: { int: blockSize } } : {};
    let matrix = b.node('DequantizeLinear', inputs, { axis: { int: seenAxis }, ...block });
    if (transposes && product === 'Transpose after') matrix = b.node('Transpose', [matrix]);
    if (product !== 'Gemm') return b.node('MatMul', [hidden, matrix]);
    const flat = b.node('Reshape', [hidden, b.ints([-1, d])]);
    return b.node('Gemm', [flat, matrix], { transB: { int: layout === 'Vd' ? 1 : 0 } });
  };
  return { write, weights };
}

export interface IntegerOptions extends Sizes {
  readonly operator: 'MatMulInteger' | 'MatMulIntegerToFloat' | 'DynamicQuantizeMatMul';
  readonly type: 'int8' | 'uint8';
  readonly perChannel: boolean;
}

/** As onnxruntime's quantize_dynamic writes it, and as its optimiser fuses that. */
export function integerHead({ vocab, d, operator, type, perChannel }: IntegerOptions): QuantizedHead {
  const count = perChannel ? vocab : 1;
  const codes = codesOf(d * vocab, 8, 4);
  const scales = scalesOf(count, 5);
  const points = codesOf(count, 8, 6).map((point) => (type === 'int8' ? 0 : 96 + (point & 63)));
  const value = (code: number) => (type === 'int8' ? signed(code, 8) : code);
  const weights = new Float64Array(vocab * d);
  for (let k = 0; k < d; k++) {
    for (let v = 0; v < vocab; v++) {
      const p = perChannel ? v : 0;
      weights[v * d + k] = scales[p]! * (value(codes[k * vocab + v]!) - points[p]!);
    }
  }
  const write = (b: GraphBuilder, hidden: string) => {
    const shape = perChannel ? [vocab] : [];
    const matrix = b.initializer('codes', TYPES[type], [d, vocab], codes);
    const zero = b.initializer('zero', TYPES[type], shape, points);
    const scale = b.floats(scales, perChannel ? [vocab] : [1], 'scale');
    if (operator === 'DynamicQuantizeMatMul')
      return b.microsoftNode(operator, [hidden, matrix, scale, zero], {});
    const quantized = b.dynamicQuantizeLinear(hidden);
    if (operator === 'MatMulIntegerToFloat') {
      const inputs = [quantized.codes, matrix, quantized.scale, scale, quantized.zeroPoint, zero];
      return b.microsoftNode(operator, inputs, {});
    }
    const product = b.node('MatMulInteger', [quantized.codes, matrix, quantized.zeroPoint, zero]);
    const wide = b.node('Cast', [product], { to: { int: DataType.FLOAT } });
    return b.node('Mul', [wide, b.node('Mul', [quantized.scale, scale])]);
  };
  return { write, weights };
}

export interface NBitsOptions extends Sizes {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  readonly zeroPoints?: 'packed' | 'float';
  readonly accuracyLevel?: number;
  /** Whether the codes are stored as an embedding's are, [V, bytes]. */
  readonly flat?: boolean;
}

/** com.microsoft MatMulNBits. */
export function nBitsHead({
  vocab,
  d,
  bits,
  blockSize,
  zeroPoints,
  accuracyLevel = 0,
  flat = false,
}: NBitsOptions): QuantizedHead {
  const blocks = Math.ceil(d / blockSize);
  const codes = codesOf(vocab * blocks * blockSize, bits, 7);
  const scales = scalesOf(vocab * blocks, 8);
  const next = random(9);
  const points = Float32Array.from({ length: vocab * blocks }, () => {
    const point = next() * (2 ** bits - 1);
    return zeroPoints === 'float' ? point : Math.floor(point);
  });
  const weights = new Float64Array(vocab * d);
  for (let v = 0; v < vocab; v++) {
    for (let k = 0; k < d; k++) {
      const p = v * blocks + Math.floor(k / blockSize);
      const point = zeroPoints ? points[p]! : 2 ** (bits - 1);
      weights[v * d + k] = scales[p]! * (codes[v * blocks * blockSize + k]! - point);
    }
  }
  const write = (b: GraphBuilder, hidden: string) => {
    const packed = bits === 4 ? pack(codes) : codes;
    const dims = [vocab, blocks, (blockSize * bits) / 8];
    const shape = flat ? [vocab, packed.length / vocab] : dims;
    const stored = b.initializer('codes', DataType.UINT8, shape, packed);
    const matrix = flat ? b.node('Reshape', [stored, b.ints(dims)]) : stored;
    const inputs = [hidden, matrix, b.floats(scales, [vocab * blocks], 'scales')];
    if (zeroPoints === 'float') inputs.push(b.floats(points, [vocab, blocks], 'zeros'));
    if (zeroPoints === 'packed')
      inputs.push(b.initializer('zeros', DataType.UINT8, ...packedPoints(points, vocab, bits)));
    return b.microsoftNode('MatMulNBits', inputs, {
      K: { int: d },
      N: { int: vocab },
      bits: { int: bits },
      block_size: { int: blockSize },
      accuracy_level: { int: accuracyLevel },
    });
  };
  return { write, weights };
}

/** Each row begins at a byte. */
function packedPoints(points: Float32Array, vocab: number, bits: 4 | 8): [readonly number[], Uint8Array] {
  const blocks = points.length / vocab;
  const perRow = Math.ceil((blocks * bits) / 8);
  const rows = Array.from({ length: vocab }, (_, v) => {
    const row = Uint8Array.from(points.subarray(v * blocks, (v + 1) * blocks));
    return bits === 4 ? pack(row) : row;
  });
  return [[vocab, perRow], Uint8Array.from(rows.flatMap((row) => [...row]))];
}

/** bfloat16 weights, [V, d], behind a Cast. */
export function bfloat16Head({ vocab, d }: Sizes): QuantizedHead {
  const next = random(10);
  const bits = Uint16Array.from({ length: vocab * d }, () => {
    const value = new Float32Array([next() - 0.5]);
    return new Uint32Array(value.buffer)[0]! >>> 16;
  });
  const weights = Float64Array.from(
    bits,
    (half) => new Float32Array(new Uint32Array([half << 16]).buffer)[0]!,
  );
  const write = (b: GraphBuilder, hidden: string) => {
    const stored = b.initializer('weight', DataType.BFLOAT16, [vocab, d], new Uint8Array(bits.buffer));
    const wide = b.node('Cast', [stored], { to: { int: DataType.FLOAT } });
    return b.node('MatMul', [hidden, b.node('Transpose', [wide])]);
  };
  return { write, weights };
}
