/** The forms in which an export keeps its head's matrix W, read as logits = hidden · Wᵀ. */
import { DataType } from '../proto/data-type';
import type { TensorInfo } from '../proto/model-types';

/** A matrix as the file stores it. `dV`: the tensor is [d, V]; `Vd`: [V, d], as a tied embedding is. */
export interface StoredMatrix {
  readonly weight: TensorInfo;
  readonly layout: 'dV' | 'Vd';
}

/** Floating-point weights. */
export interface DenseProjection extends StoredMatrix {
  readonly kind: 'dense';
  /** How the export writes it. */
  readonly operator: 'MatMul' | 'MatMul(Transpose)' | 'Gemm';
}

/** W = scale·(codes - zero point): ONNX's DequantizeLinear. */
export interface Quantization {
  readonly scale: TensorInfo;
  readonly zeroPoint?: TensorInfo;
  /** The axis of the stored tensor that scales vary along; of no meaning when there is one scale. */
  readonly axis: 0 | 1;
  /** How many neighbours along the axis share a scale; 0 for none. */
  readonly blockSize: number;
}

/** Codes that the graph dequantises before it multiplies. */
export interface DequantizedProjection extends StoredMatrix {
  readonly kind: 'dequantized';
  readonly operator: 'MatMul(DequantizeLinear)' | 'Gemm(DequantizeLinear)';
  readonly quantization: Quantization;
}

/** Codes multiplied by activations that are quantised on the fly, with one scale over all rows of a call. */
export interface IntegerProjection extends StoredMatrix {
  readonly kind: 'integer';
  readonly operator: 'MatMulInteger' | 'MatMulIntegerToFloat' | 'DynamicQuantizeMatMul';
  readonly quantization: Quantization;
}

/** com.microsoft MatMulNBits: codes packed along d, [V, ⌈d / blockSize⌉, blockSize·bits / 8]; W = s·(code - zero) + c. */
export interface NBitsProjection extends StoredMatrix {
  readonly kind: 'nbits';
  readonly operator: 'MatMulNBits';
  readonly layout: 'Vd';
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /** [V·⌈d / blockSize⌉] */
  readonly scales: TensorInfo;
  /** Packed like the codes, or one float for each scale; without them 2^(bits - 1). */
  readonly zeroPoints?: TensorInfo;
  /** float32 [V, d / blockSize]: c, where sums of the hidden states by block are multiplied with it and added. */
  readonly constants?: TensorInfo;
  /** Whether the export quantises activations to 8 bits in blocks (accuracy_level 4). */
  readonly int8Activations: boolean;
}

export type Projection = DenseProjection | DequantizedProjection | IntegerProjection | NBitsProjection;

/** Whether a dense weight can be used as it is stored. */
export function isFloat(dataType: number): boolean {
  return dataType === DataType.FLOAT || dataType === DataType.FLOAT16 || dataType === DataType.BFLOAT16;
}

/** Whether DequantizeLinear can be given a weight of this type. */
export function isCode(dataType: number): boolean {
  return (
    dataType === DataType.INT8 ||
    dataType === DataType.UINT8 ||
    dataType === DataType.INT4 ||
    dataType === DataType.UINT4
  );
}
