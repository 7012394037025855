/** cos and sin of rotary angles, rounded to float32 where transformers rounds. */
import { badInput } from '../../protocol';
import type { RopeScaling, Rotary } from './spec';

export interface RotaryTable {
  /** [positions, dimensions / 2] */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** @param long longrope's angles for sequences past its original length */
export function rotaryTable(rotary: Rotary, positions: number, long = false): RotaryTable {
  const frequencies = inverseFrequencies(rotary, long);
  const factor = attentionFactor(rotary.scaling);
  if (![...frequencies, factor].every(Number.isFinite)) {
    throw badInput(
      'unsupported-checkpoint',
      'config.json: rope_theta and rope_scaling give no rotary angles',
    );
  }
  const half = frequencies.length;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(position * frequencies[i]!);
      cos[position * half + i] = Math.fround(Math.cos(angle)) * factor;
      sin[position * half + i] = Math.fround(Math.sin(angle)) * factor;
    }
  }
  return { cos, sin };
}

function attentionFactor(scaling: RopeScaling): number {
  return 'attentionFactor' in scaling ? scaling.attentionFactor : 1;
}

/** Radians per position, float32 [dimensions / 2]. */
function inverseFrequencies({ theta, dimensions, scaling }: Rotary, long: boolean): Float32Array {
  const powers = Float32Array.from(
    { length: dimensions / 2 },
    (_, i) => theta ** Math.fround((2 * i) / dimensions),
  );
  const plain = powers.map((power) => 1 / power);
  switch (scaling.kind) {
    case 'none':
      return plain;
    case 'linear':
      return plain.map((frequency) => frequency / scaling.factor);
    case 'llama3':
      return plain.map((frequency) => llama3(frequency, scaling));
    case 'yarn':
      return yarn(powers, theta, dimensions, scaling);
    case 'longrope': {
      const factors = checked(long ? scaling.longFactors : scaling.shortFactors, powers.length);
      return powers.map((power, i) => 1 / Math.fround(Math.fround(factors[i]!) * power));
    }
    case 'factors': {
      const factors = checked(scaling.factors, powers.length);
      return plain.map((frequency, i) => frequency / factors[i]!);
    }
    default:
      return scaling satisfies never;
  }
}

function checked(factors: readonly number[], length: number): readonly number[] {
  if (factors.length === length) return factors;
  const why = `rope_scaling has ${factors.length} factors for ${length} frequencies`;
  throw badInput('unsupported-checkpoint', `config.json: ${why}`);
}

type Llama3 = Extract<RopeScaling, { kind: 'llama3' }>;

/** Long waves are stretched by `factor`, short ones not at all, those between by a mix. */
function llama3(frequency: number, scaling: Llama3): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = scaling;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength > originalPositions / low) return frequency / factor;
  if (wavelength < originalPositions / high) return frequency;
  const smooth = (originalPositions / wavelength - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

type Yarn = Extract<RopeScaling, { kind: 'yarn' }>;

function yarn(powers: Float32Array, theta: number, dimensions: number, scaling: Yarn): Float32Array {
  const { factor, betaFast, betaSlow, truncate, originalPositions } = scaling;
  /** The pair of elements that turns so often over the original length. */
  const pairOf = (rotations: number) =>
    (dimensions * Math.log(originalPositions / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const [from, to] = [pairOf(betaFast), pairOf(betaSlow)];
  const low = Math.max(truncate ? Math.floor(from) : from, 0);
  const high = Math.min(truncate ? Math.ceil(to) : to, dimensions - 1);
  const width = high === low ? 0.001 : high - low;
  return powers.map((power, i) => {
    const stretched = Math.min(1, Math.max(0, (i - low) / width));
    return (1 / (factor * power)) * stretched + (1 / power) * (1 - stretched);
  });
}
