/** A llama in GGUF with one layer and weights of 0, to be changed in one place. */
import type { GgufValue, WrittenGguf, WrittenTensor } from '../../../fixtures/gguf';

const [VOCAB, HIDDEN, INNER, HEADS, KV_HEADS] = [10, 32, 64, 4, 2];

export const METADATA: Readonly<Record<string, GgufValue>> = {
  'general.architecture': 'llama',
  'llama.block_count': 1,
  'llama.context_length': 128,
  'llama.embedding_length': HIDDEN,
  'llama.feed_forward_length': INNER,
  'llama.attention.head_count': HEADS,
  'llama.attention.head_count_kv': KV_HEADS,
  'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
  'tokenizer.ggml.tokens': Array.from({ length: VOCAB }, (_, i) => `token ${i}`),
  'tokenizer.ggml.token_type': new Int32Array(VOCAB).fill(1),
};

export const TENSORS: readonly WrittenTensor[] = [
  zeros('token_embd.weight', [VOCAB, HIDDEN]),
  zeros('output_norm.weight', [HIDDEN]),
  zeros('blk.0.attn_norm.weight', [HIDDEN]),
  zeros('blk.0.attn_q.weight', [HIDDEN, HIDDEN]),
  zeros('blk.0.attn_k.weight', [HIDDEN / 2, HIDDEN]),
  zeros('blk.0.attn_v.weight', [HIDDEN / 2, HIDDEN]),
  zeros('blk.0.attn_output.weight', [HIDDEN, HIDDEN]),
  zeros('blk.0.ffn_norm.weight', [HIDDEN]),
  zeros('blk.0.ffn_gate.weight', [INNER, HIDDEN]),
  zeros('blk.0.ffn_up.weight', [INNER, HIDDEN]),
  zeros('blk.0.ffn_down.weight', [HIDDEN, INNER]),
];

export function zeros(name: string, dims: readonly number[]): WrittenTensor {
  return { name, type: 'F32', dims, bytes: new Uint8Array(4 * dims.reduce((product, dim) => product * dim)) };
}

/** With which it is a whole model. */
export const BYTE_LEVEL: Readonly<Record<string, GgufValue>> = {
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'smollm',
  'tokenizer.ggml.merges': [],
};

/** @param metadata what is added or replaced */
export function smallLlama(
  metadata: Readonly<Record<string, GgufValue>> = {},
  tensors: readonly WrittenTensor[] = TENSORS,
): WrittenGguf {
  return { metadata: { ...METADATA, ...metadata }, tensors };
}

/** The first tensor changed. */
export function withFirst(change: Partial<WrittenTensor>): WrittenTensor[] {
  const [first, ...rest] = TENSORS;
  return [{ ...first!, ...change }, ...rest];
}
