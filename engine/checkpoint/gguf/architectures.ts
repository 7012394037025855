/**
 * Decoders by ggml's name for them: transformers' name, and where llama.cpp's converter departs from transformers'
 * checkpoints (its convert_hf_to_gguf.py, and llama_model_rope_type in llama-model.cpp).
 */

export interface Architecture {
  /** Rows of q and k stand for rotary angles of neighbours. */
  readonly rotaryInterleaved: boolean;
  /** Norms hold transformers' weight + 1. */
  readonly normsIncludeOne: boolean;
  /** What transformers calls a layer's parts where it differs from the others' names. */
  readonly parts: Readonly<Record<string, string>>;
}

const PLAIN: Architecture = { rotaryInterleaved: false, normsIncludeOne: false, parts: {} };
const INTERLEAVED: Architecture = { ...PLAIN, rotaryInterleaved: true };
const GEMMA: Architecture = { ...PLAIN, normsIncludeOne: true };
const FOUR_NORMS = {
  post_attention_norm: 'post_attention_layernorm',
  ffn_norm: 'pre_feedforward_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
};

export const ARCHITECTURES = {
  llama: INTERLEAVED,
  qwen2: PLAIN,
  qwen3: PLAIN,
  phi3: { ...PLAIN, parts: { ffn_up: 'mlp.gate_up_proj' } },
  gemma: GEMMA,
  gemma2: { ...GEMMA, parts: FOUR_NORMS },
  gemma3: { ...GEMMA, parts: FOUR_NORMS },
  granite: INTERLEAVED,
  smollm3: INTERLEAVED,
  olmo2: { ...PLAIN, parts: FOUR_NORMS },
  'command-r': INTERLEAVED,
} as const satisfies Readonly<Record<string, Architecture>>;

export type ArchitectureName = keyof typeof ARCHITECTURES;

export function isArchitecture(name: string): name is ArchitectureName {
  return Object.hasOwn(ARCHITECTURES, name);
}
