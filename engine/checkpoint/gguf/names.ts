/** ggml's names of tensors → transformers'. */
import type { Architecture } from './architectures';

const OUTER: ReadonlyMap<string, string> = new Map([
  ['token_embd', 'model.embed_tokens'],
  ['output_norm', 'model.norm'],
  ['output', 'lm_head'],
]);

const PARTS: ReadonlyMap<string, string> = new Map([
  ['attn_norm', 'input_layernorm'],
  ['attn_q', 'self_attn.q_proj'],
  ['attn_k', 'self_attn.k_proj'],
  ['attn_v', 'self_attn.v_proj'],
  ['attn_qkv', 'self_attn.qkv_proj'],
  ['attn_output', 'self_attn.o_proj'],
  ['attn_q_norm', 'self_attn.q_norm'],
  ['attn_k_norm', 'self_attn.k_norm'],
  ['ffn_norm', 'post_attention_layernorm'],
  ['ffn_gate', 'mlp.gate_proj'],
  ['ffn_up', 'mlp.up_proj'],
  ['ffn_down', 'mlp.down_proj'],
]);

/** transformers' name for a tensor; undefined where it has none. */
export function transformersName(name: string, architecture: Architecture): string | undefined {
  const [, outer, layer, part, kind] = /^(?:(\w+)|blk\.(\d+)\.(\w+))\.(weight|bias)$/.exec(name) ?? [];
  if (outer !== undefined) {
    const found = OUTER.get(outer);
    return found && `${found}.${kind}`;
  }
  if (part === undefined) return undefined;
  const parts = new Map(Object.entries(architecture.parts));
  const found = parts.get(part) ?? PARTS.get(part);
  return found && `model.layers.${Number(layer)}.${found}.${kind}`;
}
