/** How a family stretches its rotary angles: transformers' `rope_scaling`. */
import { badInput } from '../../protocol';
import type { DecoderConfig, RopeConfig } from './config';
import type { RopeScaling } from './spec';

/** @throws EngineError `unsupported-checkpoint` naming a type or a member that is missing */
export function ropeScaling(config: DecoderConfig): RopeScaling {
  const scaling = config.rope_scaling;
  const type = scaling?.rope_type ?? scaling?.type ?? 'default';
  if (!scaling || type === 'default') return { kind: 'none' };
  switch (type) {
    case 'linear':
      return { kind: 'linear', factor: member(scaling, 'factor') };
    case 'llama3':
      return {
        kind: 'llama3',
        factor: member(scaling, 'factor'),
        lowFrequencyFactor: member(scaling, 'low_freq_factor'),
        highFrequencyFactor: member(scaling, 'high_freq_factor'),
        originalPositions: member(scaling, 'original_max_position_embeddings'),
      };
    case 'yarn':
      return yarn(scaling, config);
    case 'longrope':
    // Phi-3's first checkpoints say `su`.
    case 'su':
      return longRope(scaling, config);
    case 'factors':
      return { kind: 'factors', factors: scaling.factors ?? [] };
    default:
      throw badInput(
        'unsupported-checkpoint',
        `config.json: rope_scaling of type "${type}" is not supported`,
        'Use an ONNX export of the model.',
      );
  }
}

type Numbers = 'factor' | 'low_freq_factor' | 'high_freq_factor' | 'original_max_position_embeddings';

function member(scaling: RopeConfig, name: Numbers): number {
  const value = scaling[name];
  if (typeof value === 'number' && value > 0) return value;
  throw badInput('unsupported-checkpoint', `config.json: rope_scaling has no ${name}`);
}

/** YaRN (arXiv 2309.00071), with DeepSeek's mscale where it is given. */
function yarn(scaling: RopeConfig, config: DecoderConfig): RopeScaling {
  const originalPositions = scaling.original_max_position_embeddings ?? config.max_position_embeddings;
  const factor = scaling.factor ?? config.max_position_embeddings / originalPositions;
  const { mscale, mscale_all_dim: allDim } = scaling;
  const ratio =
    mscale && allDim ? magnitude(factor, mscale) / magnitude(factor, allDim) : magnitude(factor, 1);
  return {
    kind: 'yarn',
    factor,
    betaFast: scaling.beta_fast ?? 32,
    betaSlow: scaling.beta_slow ?? 1,
    truncate: scaling.truncate ?? true,
    originalPositions,
    attentionFactor: scaling.attention_factor ?? ratio,
  };
}

function magnitude(factor: number, mscale: number): number {
  return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
}

/** LongRoPE (arXiv 2402.13753). */
function longRope(scaling: RopeConfig, config: DecoderConfig): RopeScaling {
  const own = config.original_max_position_embeddings;
  const originalPositions = own ?? scaling.original_max_position_embeddings ?? config.max_position_embeddings;
  const factor = own ? config.max_position_embeddings / own : (scaling.factor ?? 1);
  const ratio = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalPositions));
  return {
    kind: 'longrope',
    shortFactors: scaling.short_factor ?? [],
    longFactors: scaling.long_factor ?? [],
    originalPositions,
    attentionFactor: scaling.attention_factor ?? ratio,
  };
}
