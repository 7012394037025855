/** The reference implementation's two settings of AdamW: its transformers runner and its vLLM runner. */
import type { Preset } from './learning';

export interface AdamWSettings {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
}

interface PresetSettings extends Omit<AdamWSettings, 'lr'> {
  /** Whether the mean gradient is divided by the number of targets once more. */
  readonly dividesGradientAgain: boolean;
}

export const PRESET_SETTINGS: Readonly<Record<Preset, PresetSettings>> = {
  transformers: { betas: [0.9, 0.999], eps: 1e-5, weightDecay: 1e-8, dividesGradientAgain: false },
  vllm: { betas: [0.9, 0.95], eps: 1e-6, weightDecay: 1e-5, dividesGradientAgain: true },
};
