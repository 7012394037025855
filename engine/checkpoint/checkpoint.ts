/** A checkpoint on disk, whatever its format: its config in transformers' terms, and where its tensors lie. */
import type { ModelConfig } from '../config/config';

/** Element types that are read: plain floats, and ggml's blocks by ggml's names. */
export const FLOAT_TYPES = ['F32', 'F16', 'BF16'] as const;
export const BLOCK_TYPES = ['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0', 'Q4_K', 'Q5_K', 'Q6_K'] as const;
export type FloatType = (typeof FLOAT_TYPES)[number];
export type BlockType = (typeof BLOCK_TYPES)[number];
export type TensorType = FloatType | BlockType;

/** Where bytes lie: `length` of them from `offset` on. */
export interface Located {
  /** Full path. */
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

export interface StoredTensor extends Located {
  /** transformers' name, as in model.safetensors: `model.layers.0.self_attn.q_proj.weight`. */
  readonly name: string;
  readonly type: TensorType;
  /** The outermost first: a matrix is [out, in]. */
  readonly dims: readonly number[];
}

export interface Checkpoint {
  readonly format: 'safetensors' | 'gguf';
  /** config.json, or what a GGUF's metadata says in its keys. */
  readonly config: ModelConfig;
  /** By transformers' name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Tensors in types that are not read, by name. */
  readonly unread: ReadonlyMap<string, string>;
  /** Whether rows of q and k are stored for rotary angles of neighbours, as GGUF's `llama` has them. */
  readonly rotaryInterleaved: boolean;
  /** Whether a family that scales by 1 + weight has the 1 in its stored norms, as GGUF's Gemma does. */
  readonly normsIncludeOne: boolean;
}

/** w = scale·(code − 2^(bits − 1)) + constant, in blocks along `columns`: what com.microsoft MatMulNBits multiplies. */
export interface BlockMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /** uint8 [rows, columns / blockSize, blockSize·bits / 8]; of two 4-bit neighbours the first in the low half. */
  readonly codes: Located;
  /** float32 [rows, columns / blockSize] */
  readonly scales: Located;
  /** float32 [rows, columns / blockSize]; absent where all are 0. */
  readonly constants?: Located;
}
