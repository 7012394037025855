/** What a GGUF says of rotary angles, in the keys of transformers' config.json. */
import type { Fields } from './fields';

/** Numbers that divide the frequencies, by the tensor they are stored in. */
export interface RopeFactors {
  readonly all?: readonly number[];
  readonly short?: readonly number[];
  readonly long?: readonly number[];
}

/** @param headSize elements of a head; fewer of them may be turned */
export function ropeConfig(fields: Fields, headSize: number, factors: RopeFactors): Record<string, unknown> {
  const turned = fields.count('rope.dimension_count') ?? headSize;
  return {
    rope_theta: fields.number('rope.freq_base') ?? 10_000,
    rope_scaling: scaling(fields, factors),
    original_max_position_embeddings: factors.long && fields.count('rope.scaling.original_context_length'),
    ...(turned === headSize ? {} : { partial_rotary_factor: share(turned, headSize) }),
  };
}

/** So that `headSize` times it, rounded down, is `turned`, as transformers works it out. */
function share(turned: number, headSize: number): number {
  const quotient = turned / headSize;
  return Math.trunc(headSize * quotient) === turned ? quotient : quotient * (1 + Number.EPSILON);
}

function scaling(fields: Fields, { all, short, long }: RopeFactors): Record<string, unknown> | null {
  if (short || long) {
    if (!short || !long) throw fields.refuse('has factors for long or for short texts alone');
    return {
      rope_type: 'longrope',
      short_factor: short,
      long_factor: long,
      attention_factor: fields.number('rope.scaling.attn_factor') ?? 1,
    };
  }
  // Llama 3's scaling, worked out by the converter: no key of transformers', but of `decoder/config.ts`.
  if (all) return { rope_type: 'factors', factors: all };
  const type = fields.text('rope.scaling.type') ?? 'linear';
  const factor = fields.number('rope.scaling.factor') ?? fields.number('rope.scale_linear') ?? 0;
  if (type === 'none' || factor === 0 || (type === 'linear' && factor === 1)) return null;
  if (type === 'linear') return { rope_type: 'linear', factor };
  if (type === 'yarn') return yarn(fields, factor);
  throw fields.refuse(`scales its rotary angles by "${type}"`);
}

function yarn(fields: Fields, factor: number): Record<string, unknown> {
  const optional = {
    attention_factor: fields.number('rope.scaling.yarn_attn_factor'),
    beta_fast: fields.number('rope.scaling.yarn_beta_fast'),
    beta_slow: fields.number('rope.scaling.yarn_beta_slow'),
  };
  for (const key of ['yarn_ext_factor', 'yarn_log_multiplier']) {
    if (fields.has(`rope.scaling.${key}`)) throw fields.refuse(`scales its rotary angles by "${key}"`);
  }
  return {
    rope_type: 'yarn',
    factor,
    original_max_position_embeddings:
      fields.count('rope.scaling.original_context_length') ?? fields.count('context_length'),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}
