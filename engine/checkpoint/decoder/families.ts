/**
 * The families of decoders by config.json's `model_type`: what each does otherwise than Llama, and transformers' values
 * for keys that its config.json may leave out.
 */
import type { ModelConfig } from '../../config/config';
import { badInput } from '../../protocol';
import { type DecoderConfig, decoderConfig } from './config';
import { ropeScaling } from './rope-scaling';
import type { DecoderSpec, LayerKind } from './spec';

interface Family {
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly spec: (config: DecoderConfig) => Partial<DecoderSpec>;
}

/** Rotary tables are written for at most so many positions: with 64 angles they take 16 MiB. */
export const MAX_POSITIONS = 32_768;
/** The largest heads have 512 elements. Tables as wide as this take 128 MiB. */
const MAX_HEAD = 1024;

const llama: Family = { spec: () => ({}) };
const qwen: Family = {
  defaults: { use_sliding_window: false, max_window_layers: 28 },
  spec: (config) => ({ layers: qwenLayers(config) }),
};
const gemma: Family = {
  defaults: { head_dim: 256, tie_word_embeddings: true },
  spec: (config) => ({
    norm: { kind: 'rms', epsilon: config.rms_norm_eps ?? 1e-6, addsOne: true },
    activation: activation(config.hidden_activation ?? 'gelu_pytorch_tanh'),
    embeddingScale: Math.fround(Math.sqrt(config.hidden_size)),
  }),
};

const FAMILIES: Readonly<Record<string, Family>> = {
  llama,
  mistral: {
    defaults: { sliding_window: 4096 },
    spec: (config) => ({ layers: layers(config, () => true) }),
  },
  qwen2: {
    ...qwen,
    // Its attention has biases, whatever config.json says.
    spec: (config) => ({ ...qwen.spec(config), biases: { attention: true, feedForward: false } }),
  },
  qwen3: {
    defaults: { ...qwen.defaults, head_dim: 128 },
    spec: (config) => ({ ...qwen.spec(config), queryKeyNorm: 'head' }),
  },
  phi3: { defaults: { rms_norm_eps: 1e-5 }, spec: (config) => ({ layers: layers(config, () => true) }) },
  gemma,
  gemma2: {
    defaults: {
      ...gemma.defaults,
      query_pre_attn_scalar: 256,
      sliding_window: 4096,
      attn_logit_softcapping: 50,
      final_logit_softcapping: 30,
    },
    spec: (config) => ({
      ...gemma.spec(config),
      ...gemmaAttention(config),
      norms: 'both',
      layers: layers(config, (i) => i % 2 === 0),
      attentionCap: config.attn_logit_softcapping ?? undefined,
      logitCap: config.final_logit_softcapping ?? undefined,
    }),
  },
  gemma3_text: {
    // Those of images and text leave out what is as here.
    defaults: {
      ...gemma.defaults,
      hidden_size: 2304,
      intermediate_size: 9216,
      num_hidden_layers: 26,
      num_attention_heads: 8,
      num_key_value_heads: 4,
      vocab_size: 262_208,
      max_position_embeddings: 131_072,
      query_pre_attn_scalar: 256,
      sliding_window: 4096,
      rope_theta: 1_000_000,
      rope_local_base_freq: 10_000,
    },
    spec: gemma3,
  },
  granite: {
    spec: (config) => ({
      embeddingScale: config.embedding_multiplier,
      residualScale: config.residual_multiplier,
      attentionScale: config.attention_multiplier,
      logitScale: 1 / config.logits_scaling,
    }),
  },
  smollm3: {
    defaults: { rope_theta: 2_000_000, tie_word_embeddings: true, no_rope_layer_interval: 4 },
    spec: (config) => ({ layers: smollm3Layers(config) }),
  },
  olmo2: { defaults: { rms_norm_eps: 1e-5 }, spec: () => ({ norms: 'after', queryKeyNorm: 'all' }) },
  cohere: {
    defaults: { tie_word_embeddings: true, logit_scale: 0.0625, layer_norm_eps: 1e-5 },
    spec: cohere,
  },
};

/** Whether config.json names a family that a decoder can be written for. */
function isKnownFamily(modelType: string | null | undefined): boolean {
  return Object.hasOwn(FAMILIES, modelType ?? '');
}

/** @throws EngineError `unsupported-architecture`, `unsupported-checkpoint` */
export function decoderSpec(config: ModelConfig, rotaryInterleaved: boolean): DecoderSpec {
  const type = config.model_type ?? 'no model_type';
  const family = isKnownFamily(type) ? FAMILIES[type] : undefined;
  if (!family) {
    throw badInput(
      'unsupported-architecture',
      `checkpoints of "${type}" are not supported`,
      `Use an ONNX export of the model. Supported are: ${Object.keys(FAMILIES).join(', ')}.`,
    );
  }
  const values = decoderConfig(config, family.defaults ?? {});
  return { ...likeLlama(values, rotaryInterleaved), ...family.spec(values) };
}

function likeLlama(config: DecoderConfig, rotaryInterleaved: boolean): DecoderSpec {
  const { hidden_size: hiddenSize, num_attention_heads: heads } = config;
  const headDim = config.head_dim ?? Math.floor(hiddenSize / heads);
  const keyValueHeads = config.num_key_value_heads ?? heads;
  if (heads % keyValueHeads !== 0) {
    const why = `${heads} heads cannot share ${keyValueHeads} key-value heads`;
    throw badInput('unsupported-checkpoint', `config.json: ${why}`);
  }
  const dimensions = Math.trunc(headDim * (config.partial_rotary_factor ?? 1));
  if (headDim > MAX_HEAD || dimensions < 2 || dimensions % 2 !== 0) {
    const why = `rotary angles cannot turn ${dimensions} of a head's ${headDim} elements in pairs`;
    throw badInput('unsupported-checkpoint', `config.json: ${why}`);
  }
  return {
    hiddenSize,
    intermediateSize: config.intermediate_size,
    heads,
    keyValueHeads,
    headDim,
    vocab: config.vocab_size,
    positions: Math.min(config.max_position_embeddings, MAX_POSITIONS),
    layers: layers(config, () => false),
    rotary: { global: { theta: config.rope_theta, dimensions, scaling: ropeScaling(config) } },
    rotaryInterleaved,
    norm: { kind: 'rms', epsilon: config.rms_norm_eps ?? 1e-6, addsOne: false },
    norms: 'before',
    // A GGUF's metadata does not say; what is said to have none, transformers leaves out.
    biases: { attention: config.attention_bias !== false, feedForward: config.mlp_bias !== false },
    activation: activation(config.hidden_act ?? 'silu'),
    attentionScale: headDim ** -0.5,
    embeddingScale: 1,
    residualScale: 1,
    logitScale: 1,
    tied: config.tie_word_embeddings ?? false,
  };
}

/** @param slides whether layer i's attention is windowed, where `layer_types` does not say */
function layers(config: DecoderConfig, slides: (layer: number) => boolean): LayerKind[] {
  const { num_hidden_layers: count, layer_types: types, sliding_window } = config;
  checkLength('layer_types', types, count);
  return Array.from({ length: count }, (_, i) => {
    const type = types?.[i];
    if (type !== undefined && type !== 'full_attention' && type !== 'sliding_attention') {
      throw badInput('unsupported-checkpoint', `config.json: layer_types: "${type}" is not supported`);
    }
    const isWindowed = type === undefined ? slides(i) : type === 'sliding_attention';
    return { window: (isWindowed && sliding_window) || undefined, rotary: 'global' };
  });
}

function checkLength(key: string, list: readonly unknown[] | null | undefined, layers: number): void {
  if (!list || list.length === layers) return;
  throw badInput(
    'unsupported-checkpoint',
    `config.json: ${key} tells of ${list.length} layers; there are ${layers}`,
  );
}

function qwenLayers(config: DecoderConfig): LayerKind[] {
  const { use_sliding_window: used, max_window_layers: first } = config;
  if (!used) return layers({ ...config, sliding_window: null }, () => false);
  return layers(config, (i) => i >= (first ?? 0));
}

function smollm3Layers(config: DecoderConfig): LayerKind[] {
  const { no_rope_layers: turned, no_rope_layer_interval: interval, use_sliding_window: used } = config;
  checkLength('no_rope_layers', turned, config.num_hidden_layers);
  // Despite its name, the list has a 1 for layers with rotary angles.
  const turns = (i: number) => (turned ? turned[i] !== 0 : (i + 1) % (interval ?? 4) !== 0);
  const windowed = layers(used ? config : { ...config, sliding_window: null }, (i) => !turns(i));
  return windowed.map(({ window }, i) => ({ window, rotary: turns(i) ? 'global' : undefined }));
}

function gemmaAttention({
  query_pre_attn_scalar: scalar,
}: DecoderConfig): Pick<DecoderSpec, 'attentionScale'> {
  return { attentionScale: (scalar ?? 256) ** -0.5 };
}

function gemma3(config: DecoderConfig): Partial<DecoderSpec> {
  if (config.use_bidirectional_attention) {
    throw badInput('unsupported-checkpoint', 'config.json: use_bidirectional_attention is not supported');
  }
  const pattern = config.sliding_window_pattern ?? 6;
  const isLocal = (i: number) =>
    config.layer_types ? config.layer_types[i] === 'sliding_attention' : (i + 1) % pattern !== 0;
  const dimensions = config.head_dim ?? 256;
  return {
    ...gemma.spec(config),
    ...gemmaAttention(config),
    norms: 'both',
    queryKeyNorm: 'head',
    rotary: {
      global: { theta: config.rope_theta, dimensions, scaling: ropeScaling(config) },
      local: { theta: config.rope_local_base_freq ?? 10_000, dimensions, scaling: { kind: 'none' } },
    },
    layers: layers(config, isLocal).map(({ window }, i) => ({
      window,
      rotary: isLocal(i) ? 'local' : 'global',
    })),
    attentionCap: config.attn_logit_softcapping ?? undefined,
    logitCap: config.final_logit_softcapping ?? undefined,
  };
}

function cohere(config: DecoderConfig): Partial<DecoderSpec> {
  if (config.use_qk_norm) {
    throw badInput('unsupported-checkpoint', 'config.json: use_qk_norm of cohere is not supported');
  }
  return {
    norm: { kind: 'layer', epsilon: config.layer_norm_eps ?? 1e-5, addsOne: false },
    norms: 'parallel',
    rotaryInterleaved: true,
    logitScale: config.logit_scale,
  };
}

function activation(name: string): DecoderSpec['activation'] {
  if (name === 'silu' || name === 'swish') return 'silu';
  if (name === 'gelu') return 'gelu';
  if (name === 'gelu_pytorch_tanh' || name === 'gelu_new') return 'gelu-tanh';
  throw badInput('unsupported-checkpoint', `config.json: the activation "${name}" is not supported`);
}
