/** What a decoder's graph is made of, whatever its family calls it. */

export type RopeScaling =
  | { readonly kind: 'none' }
  | { readonly kind: 'linear'; readonly factor: number }
  /** Llama 3.1's, by wavelength. */
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalPositions: number;
    }
  | {
      readonly kind: 'yarn';
      readonly factor: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly truncate: boolean;
      readonly originalPositions: number;
      /** Of cos and sin. */
      readonly attentionFactor: number;
    }
  /** Phi-3's: one list of factors for sequences up to `originalPositions`, another one beyond. */
  | {
      readonly kind: 'longrope';
      readonly shortFactors: readonly number[];
      readonly longFactors: readonly number[];
      readonly originalPositions: number;
      readonly attentionFactor: number;
    }
  /** One divisor for each frequency, as a GGUF keeps llama3's. */
  | { readonly kind: 'factors'; readonly factors: readonly number[] };

export interface Rotary {
  readonly theta: number;
  /** How many of a head's elements are turned. */
  readonly dimensions: number;
  readonly scaling: RopeScaling;
}

export interface LayerKind {
  /** How many tokens attention sees, the own one included; undefined: all. */
  readonly window?: number | undefined;
  /** Which of the decoder's rotary tables; undefined: none. */
  readonly rotary?: 'global' | 'local' | undefined;
}

export interface DecoderSpec {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly vocab: number;
  /** The longest sequence that the graph is written for, in tokens. */
  readonly positions: number;
  readonly layers: readonly LayerKind[];
  readonly rotary: { readonly global: Rotary; readonly local?: Rotary };
  readonly rotaryInterleaved: boolean;
  readonly norm: {
    readonly kind: 'rms' | 'layer';
    readonly epsilon: number;
    /** Scales by 1 + weight. */
    readonly addsOne: boolean;
  };
  /** Where the norms of a layer's two parts stand. `parallel`: both parts read one norm. */
  readonly norms: 'before' | 'after' | 'both' | 'parallel';
  /** Norms of queries and keys: of each head, or of all heads together. */
  readonly queryKeyNorm?: 'head' | 'all' | undefined;
  /** Whether biases of attention, and of the feed-forward part, are read where the checkpoint has them. */
  readonly biases: { readonly attention: boolean; readonly feedForward: boolean };
  readonly activation: 'silu' | 'gelu' | 'gelu-tanh';
  readonly attentionScale: number;
  readonly attentionCap?: number | undefined;
  readonly embeddingScale: number;
  /** Of what a layer's parts add to the residual stream. */
  readonly residualScale: number;
  readonly logitScale: number;
  readonly logitCap?: number | undefined;
  /** Whether the embedding is the head. */
  readonly tied: boolean;
}
