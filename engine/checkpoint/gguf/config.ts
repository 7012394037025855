/** A GGUF's metadata in the keys of transformers' config.json, with the defaults of llama.cpp, for which it was written. */
import { ModelConfig } from '../../config/config';
import type { ArchitectureName } from './architectures';
import type { Fields } from './fields';
import type { Metadata } from './metadata';
import { type RopeFactors, ropeConfig } from './rope';

/** More layers than any model has, so that a claim of 2^53 costs nothing. */
const MAX_LAYERS = 4096;

/** What is known of the tensors beside their metadata. */
export interface KnownTensors {
  readonly vocab: number;
  readonly isTied: boolean;
  readonly hasAttentionBias: boolean;
  readonly hasMlpBias: boolean;
  readonly ropeFactors: RopeFactors;
}

interface Sizes {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly headSize: number;
}

type Keys = Record<string, unknown>;

/** @throws EngineError `malformed-gguf`, `unsupported-checkpoint` */
export function configOf(
  name: ArchitectureName,
  fields: Fields,
  metadata: Metadata,
  known: KnownTensors,
): ModelConfig {
  const [layers, hidden, heads] = [
    fields.size('block_count'),
    fields.size('embedding_length'),
    fields.size('attention.head_count'),
  ];
  if (layers > MAX_LAYERS) throw fields.refuse(`has ${layers} layers`);
  const headSize = fields.count('attention.key_length') ?? hidden / heads;
  if (!Number.isInteger(headSize)) throw fields.refuse(`has ${heads} heads in ${hidden} elements`);
  if ((fields.count('attention.value_length') ?? headSize) !== headSize) {
    throw fields.refuse('has values of another size than its keys');
  }
  if ((fields.count('expert_count') ?? 0) > 0) throw fields.refuse('is a mixture of experts');
  return ModelConfig.parse({
    vocab_size: known.vocab,
    hidden_size: hidden,
    intermediate_size: fields.size('feed_forward_length'),
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: fields.count('attention.head_count_kv') ?? heads,
    head_dim: headSize,
    max_position_embeddings: fields.size('context_length'),
    rms_norm_eps: fields.number('attention.layer_norm_rms_epsilon'),
    hidden_act: 'silu',
    attention_bias: known.hasAttentionBias,
    mlp_bias: known.hasMlpBias,
    tie_word_embeddings: known.isTied,
    ...ropeConfig(fields, headSize, known.ropeFactors),
    ...tokenIds(metadata),
    ...OWN_KEYS[name](fields, { layers, hidden, heads, headSize }),
  });
}

function tokenIds(metadata: Metadata): Keys {
  const id = (name: string) => metadata.count(`tokenizer.ggml.${name}_token_id`);
  const ends = [...new Set([id('eos'), id('eot'), id('eom')].filter((end) => end !== undefined))];
  return {
    bos_token_id: id('bos'),
    eos_token_id: ends.length > 1 ? ends : ends[0],
    pad_token_id: id('padding'),
  };
}

const OWN_KEYS: Readonly<Record<ArchitectureName, (fields: Fields, sizes: Sizes) => Keys>> = {
  llama: (fields) => {
    const sliding_window = window(fields);
    return sliding_window === null ? { model_type: 'llama' } : { model_type: 'mistral', sliding_window };
  },
  qwen2: () => ({ model_type: 'qwen2', use_sliding_window: false }),
  qwen3: () => ({ model_type: 'qwen3', use_sliding_window: false }),
  phi3: (fields) => ({ model_type: 'phi3', sliding_window: window(fields) }),
  gemma: () => ({ model_type: 'gemma', ...GELU }),
  gemma2: (fields, sizes) => ({
    model_type: 'gemma2',
    ...GELU,
    query_pre_attn_scalar: queryScalar(sizes, 46),
    attn_logit_softcapping: fields.number('attn_logit_softcapping') ?? 50,
    final_logit_softcapping: fields.number('final_logit_softcapping') ?? 30,
    ...sliding(fields, sizes, 2, 4096),
  }),
  gemma3: (fields, sizes) => ({
    model_type: 'gemma3_text',
    ...GELU,
    query_pre_attn_scalar: queryScalar(sizes, 62),
    final_logit_softcapping: fields.number('final_logit_softcapping') || null,
    // Ollama's converter has names of its own.
    rope_theta: fields.number('rope.freq_base') ?? fields.number('rope.global.freq_base') ?? 1_000_000,
    rope_local_base_freq:
      fields.number('rope.freq_base_swa') ?? fields.number('rope.local.freq_base') ?? 10_000,
    ...sliding(fields, sizes, 6, null),
  }),
  granite: (fields, { headSize }) => {
    if (fields.flag('rope.scaling.finetuned') === false) throw fields.refuse('has no rotary angles');
    return {
      model_type: 'granite',
      attention_multiplier: fields.number('attention.scale') || headSize ** -0.5,
      embedding_multiplier: fields.number('embedding_scale') || 1,
      residual_multiplier: fields.number('residual_scale') || 1,
      logits_scaling: fields.number('logit_scale') || 1,
    };
  },
  smollm3: (_, { layers }) => ({
    model_type: 'smollm3',
    use_sliding_window: false,
    no_rope_layers: Array.from({ length: layers }, (__, layer) => ((layer + 1) % 4 === 0 ? 0 : 1)),
  }),
  // Olmo 3 is stored under the name of Olmo 2, whose attention does not slide.
  olmo2: (fields) => ({ model_type: window(fields) === null ? 'olmo2' : 'olmo3' }),
  'command-r': (fields) => ({
    model_type: 'cohere',
    layer_norm_eps: fields.number('attention.layer_norm_epsilon'),
    logit_scale: fields.number('logit_scale'),
  }),
};

const GELU = { hidden_act: 'gelu_pytorch_tanh', hidden_activation: 'gelu_pytorch_tanh' };

function window(fields: Fields): number | null {
  return fields.count('attention.sliding_window') || null;
}

/** @param period all but every such layer slides, where the file does not say which do */
function sliding(fields: Fields, { layers }: Sizes, period: number, usual: number | null): Keys {
  const sliding_window = window(fields) ?? usual;
  const slides = fields.layers('attention.sliding_window_pattern', layers, period);
  return {
    sliding_window,
    layer_types: slides.map((does) =>
      does && sliding_window !== null ? 'sliding_attention' : 'full_attention',
    ),
  };
}

/** A head's size, but for the family's 27B, which is known by its layers; the file does not say. */
function queryScalar({ layers, hidden, heads, headSize }: Sizes, layersOf27B: number): number {
  return layers === layersOf27B ? Math.floor(hidden / heads) : headSize;
}
