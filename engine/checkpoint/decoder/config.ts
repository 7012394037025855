/** The keys of config.json that decide what a decoder computes, under transformers' names. */
import { z } from 'zod';
import type { ModelConfig } from '../../config/config';
import { badInput } from '../../protocol';

const MAX_SIZE = 2 ** 24;
const Size = z.int().min(1).max(MAX_SIZE);
const OptionalSize = Size.nullish();
/** Far beyond what any model has, and so that products and quotients stay within float32. */
const Positive = z.number().min(1e-9).max(1e12);
const OptionalPositive = Positive.nullish();
const Epsilon = z.number().min(0).max(1).nullish();
const Factors = z.array(Positive).max(4096);
const MAX_LAYERS = 1000;

export const RopeConfig = z.looseObject({
  rope_type: z.string().max(40).optional(),
  type: z.string().max(40).optional(),
  rope_theta: OptionalPositive,
  factor: OptionalPositive,
  low_freq_factor: OptionalPositive,
  high_freq_factor: OptionalPositive,
  original_max_position_embeddings: OptionalSize,
  beta_fast: OptionalPositive,
  beta_slow: OptionalPositive,
  truncate: z.boolean().nullish(),
  attention_factor: OptionalPositive,
  mscale: z.number().min(0).max(1000).nullish(),
  mscale_all_dim: z.number().min(0).max(1000).nullish(),
  short_factor: Factors.nullish(),
  long_factor: Factors.nullish(),
  /** A GGUF's `rope_freqs`. */
  factors: Factors.nullish(),
});
export type RopeConfig = z.infer<typeof RopeConfig>;

const DecoderConfig = z.looseObject({
  model_type: z.string().max(100),
  hidden_size: Size,
  intermediate_size: Size,
  num_hidden_layers: z.int().min(1).max(MAX_LAYERS),
  num_attention_heads: Size,
  num_key_value_heads: OptionalSize,
  head_dim: OptionalSize,
  vocab_size: Size,
  max_position_embeddings: Size,
  original_max_position_embeddings: OptionalSize,
  rms_norm_eps: Epsilon,
  layer_norm_eps: Epsilon,
  rope_theta: Positive.default(10_000),
  rope_local_base_freq: OptionalPositive,
  rope_scaling: RopeConfig.nullish(),
  partial_rotary_factor: z.number().min(0).max(1).nullish(),
  sliding_window: OptionalSize,
  use_sliding_window: z.boolean().nullish(),
  max_window_layers: z.int().nullish(),
  sliding_window_pattern: z.int().min(1).nullish(),
  layer_types: z.array(z.string().max(40)).max(MAX_LAYERS).nullish(),
  no_rope_layers: z.array(z.int()).max(MAX_LAYERS).nullish(),
  no_rope_layer_interval: z.int().min(1).nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  attention_bias: z.boolean().nullish(),
  mlp_bias: z.boolean().nullish(),
  hidden_act: z.string().max(40).nullish(),
  hidden_activation: z.string().max(40).nullish(),
  query_pre_attn_scalar: OptionalPositive,
  attn_logit_softcapping: OptionalPositive,
  final_logit_softcapping: OptionalPositive,
  embedding_multiplier: Positive.default(1),
  residual_multiplier: Positive.default(1),
  attention_multiplier: Positive.default(1),
  logits_scaling: Positive.default(1),
  logit_scale: Positive.default(1),
  use_qk_norm: z.boolean().nullish(),
  use_bidirectional_attention: z.boolean().nullish(),
});
export type DecoderConfig = z.infer<typeof DecoderConfig>;

/** @param defaults a family's, for keys that are missing @throws EngineError `unsupported-checkpoint` naming the key */
export function decoderConfig(
  config: ModelConfig,
  defaults: Readonly<Record<string, unknown>>,
): DecoderConfig {
  const parsed = DecoderConfig.safeParse(withRopeParameters({ ...defaults, ...config }));
  if (parsed.success) return parsed.data;
  throw refused(parsed.error);
}

function refused({ issues }: z.ZodError, key: readonly string[] = []) {
  const issue = issues[0]!;
  return badInput(
    'unsupported-checkpoint',
    `config.json: ${[...key, ...issue.path].join('.')}: ${issue.message}`,
  );
}

const RopeParameters = z.looseObject({ rope_theta: z.number().optional() });

/** transformers 5 keeps `rope_theta` and `rope_scaling` in one object. */
function withRopeParameters(config: Record<string, unknown>): Record<string, unknown> {
  const { rope_parameters: parameters, ...rest } = config;
  if (parameters === undefined || parameters === null) return config;
  const parsed = RopeParameters.safeParse(parameters);
  if (!parsed.success) throw refused(parsed.error, ['rope_parameters']);
  if ('full_attention' in parsed.data || 'sliding_attention' in parsed.data) {
    throw badInput(
      'unsupported-checkpoint',
      'config.json: rope_parameters by layer type are not read yet',
      'Use a checkpoint that was saved by transformers 4, or a GGUF file of the model.',
    );
  }
  const { rope_theta, ...scaling } = parsed.data;
  return { ...rest, rope_scaling: scaling, ...(rope_theta === undefined ? {} : { rope_theta }) };
}
