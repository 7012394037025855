/** What a generated decoder looks like: its shape, its numbers, and how its export writes them down. */

export type HeadKind = 'MatMul' | 'MatMul(Transpose)' | 'Gemm';

/** One step from the projection to the logits. */
export type TailStep =
  /** A bias [V]. */
  | { readonly op: 'Add' }
  | { readonly op: 'Mul' | 'Div'; readonly by: number }
  /** A soft-cap: Div → Tanh → Mul. */
  | { readonly op: 'cap'; readonly at: number }
  /** To float32. */
  | { readonly op: 'Cast' }
  | { readonly op: 'Identity' | 'Reshape' };

export interface DecoderOptions {
  readonly layers: number;
  readonly d: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly ffn: number;
  readonly vocab: number;
  readonly ropeTheta: number;
  readonly normEps: number;
  readonly contextLength: number;
  readonly seed: number;
  /** Typical size of a logit before the tail: large enough that answers are not decided by rounding. */
  readonly logitSize: number;
  /** Weights, activations and the key-value cache. */
  readonly dtype: 'float32' | 'float16';
  readonly qkvBias: boolean;
  readonly head: HeadKind;
  /** The head's weight is the embedding; not with MatMul, whose weight is [d, V]. */
  readonly tied: boolean;
  /** Whether the Transpose before MatMul(Transpose) spells its perm. */
  readonly perm: boolean;
  readonly gemmBias: boolean;
  readonly tail: readonly TailStep[];
  /** Where the weights lie: in the ONNX file, in `<file>_data`, or dealt out over three files. */
  readonly weights: 'inline' | 'external' | 'split';
  /** What drops positions right before the projection, or (`early`) before the final norm. */
  readonly prune: 'none' | 'Slice' | 'Gather' | 'num_logits_to_keep' | 'early';
  /** Key-value inputs and outputs; without them the export cannot continue a sequence. */
  readonly cache: boolean;
  /** A table of positions is added to the embeddings, as in GPT-2; rotary alone knows only distances. */
  readonly learnedPositions: boolean;
  /** Without it, positions are computed from the attention mask. */
  readonly positionIds: boolean;
  /** How scalars and shapes are written: raw initializers, Constant nodes or typed fields. */
  readonly constants: 'initializer' | 'node' | 'typed';
  readonly irVersion: number;
  /** As IR version 3 demands: every initializer is a graph input too. */
  readonly initializersAsInputs: boolean;
  /** File name: onnx/model<suffix>.onnx. */
  readonly suffix: string;
  readonly tokenizer: 'bytes' | 'starter';
  readonly chatTemplate: boolean;
  /** Whether the tokenizer puts a BOS before a text on its own. */
  readonly bos: boolean;
}

const TINY: Omit<DecoderOptions, 'tied'> = {
  layers: 2,
  d: 32,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  ffn: 48,
  vocab: 384,
  ropeTheta: 10_000,
  normEps: 1e-6,
  contextLength: 1024,
  seed: 1,
  logitSize: 4,
  dtype: 'float32',
  qkvBias: true,
  head: 'MatMul(Transpose)',
  perm: true,
  gemmBias: false,
  tail: [],
  weights: 'inline',
  prune: 'none',
  cache: true,
  learnedPositions: false,
  positionIds: true,
  constants: 'initializer',
  irVersion: 8,
  initializersAsInputs: false,
  suffix: '',
  tokenizer: 'bytes',
  chatTemplate: true,
  bos: false,
};

/** The shape of Qwen2.5-0.5B: 494 million parameters, 2 GB of external data in float32. */
export const QWEN2_5_0_5B = {
  layers: 24,
  d: 896,
  heads: 14,
  kvHeads: 2,
  headDim: 64,
  ffn: 4864,
  vocab: 151_936,
  ropeTheta: 1_000_000,
  contextLength: 32_768,
  qkvBias: true,
  head: 'MatMul(Transpose)',
  weights: 'external',
} as const satisfies Partial<DecoderOptions>;

export function decoderOptions(asked: Partial<DecoderOptions> = {}): DecoderOptions {
  const options = { ...TINY, ...asked };
  const tied = asked.tied ?? options.head !== 'MatMul';
  if (tied && options.head === 'MatMul')
    throw new Error('a MatMul head [d, V] cannot be the embedding [V, d]');
  if (options.heads % options.kvHeads !== 0) throw new Error('heads must be a multiple of kvHeads');
  return { ...options, tied };
}
