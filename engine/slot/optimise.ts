/** SLOT (arXiv 2505.12392): a few AdamW steps on delta, the vector added to every last hidden state. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { failure, type LaneSettings } from '../protocol';
import { AdamW } from './adamw';
import { norm } from './controls';
import type { Evaluation, PromptObjective } from './objective';
import { PRESET_SETTINGS } from './presets';

export interface SlotStepResult {
  readonly step: number;
  /** Cross-entropy and gradient norm before this step's update. */
  readonly loss: number;
  readonly gradNorm: number;
  /** L2 norm of delta after it. */
  readonly deltaNorm: number;
  /** [d] delta after it. */
  readonly delta: Float32Array;
  /** [V] b = W·delta after it; times the head's logitScale it is the logit shift. */
  readonly b: Float32Array;
  /** The prompt's loss and mean probabilities after it. */
  readonly after: Evaluation;
  readonly ms: number;
}

/** A loss or gradient that is not finite: it ends its lane, and no other. */
export class NonFiniteStep {
  constructor(readonly step: number) {}
}

/**
 * Yields each step's result.
 * @throws NonFiniteStep when a loss or gradient stops being finite
 */
export async function* optimise(
  head: HeadRuntime,
  objective: PromptObjective,
  settings: Pick<LaneSettings, 'preset' | 'steps' | 'lr' | 'weightDecay'>,
): AsyncGenerator<SlotStepResult, void> {
  const { dividesGradientAgain, ...adamw } = PRESET_SETTINGS[settings.preset];
  if (objective.targetCount === 0)
    throw failure('nothing-to-learn', 'the prompt has no next token to learn from');
  const { lr, weightDecay = adamw.weightDecay } = settings;
  const optimiser = new AdamW(head.hiddenSize, { ...adamw, lr, weightDecay });
  const delta = optimiser.parameters;
  let current = await objective.atZero();
  if (!Number.isFinite(current.loss)) throw new NonFiniteStep(0);

  for (let step = 0; step < settings.steps; step++) {
    const started = performance.now();
    const gradient = await head.transposedProduct(current.residual);
    if (dividesGradientAgain) for (let i = 0; i < gradient.length; i++) gradient[i]! /= objective.targetCount;
    optimiser.update(gradient);
    const rounded = Float32Array.from(delta);
    const b = await head.projectDelta(rounded);
    const after = await objective.evaluate(b);
    const gradNorm = norm(gradient);
    if (!Number.isFinite(after.loss + gradNorm)) throw new NonFiniteStep(step);
    yield {
      step,
      loss: current.loss,
      gradNorm,
      deltaNorm: norm(delta),
      delta: rounded,
      b,
      after,
      ms: performance.now() - started,
    };
    current = after;
  }
}
