/** SLOT (arXiv 2505.12392): a few AdamW steps on delta, the vector added to every last hidden state. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { failure, type Learning, PRESET_SETTINGS } from '../protocol';
import { AdamW } from './adamw';
import { norm } from './controls';
import type { Evaluation } from './evaluation';
import type { WeightedObjective } from './objective';
import { Sgd } from './sgd';

export interface SlotStepResult {
  readonly step: number;
  /** Cross-entropy and gradient norm before this step's update. */
  readonly loss: number;
  /** Of the targets that are not learned from, before it too. */
  readonly heldOutLoss?: number | undefined;
  readonly gradNorm: number;
  /** [d] the loss's derivative by delta, as the optimiser is given it. */
  readonly gradient: Float32Array;
  /** [V] the loss's derivative by z that this step follows. */
  readonly residual: Float32Array;
  /** L2 norm of delta after it. */
  readonly deltaNorm: number;
  /** [d] delta after it. */
  readonly delta: Float32Array;
  /** [V] b = W·delta after it; times the head's logitScale it is the logit shift. */
  readonly b: Float32Array;
  /** The prompt's loss and mean probabilities after it. */
  readonly after: Evaluation;
  /** The mean KL(slot ‖ base) after it, nats; left out where nothing asks for it and it takes a pass over the logits. */
  readonly kl?: number | undefined;
  readonly ms: number;
}

/** Why the steps ended before they were all taken: the next would have brought what is watched to `value`. */
export interface Stopped {
  readonly by: 'held-out' | 'kl';
  readonly value: number;
}

/** A loss or gradient that is not finite: it ends its lane, and no other. */
export class NonFiniteStep {
  constructor(readonly step: number) {}
}

export type OptimiserSettings = Omit<Learning, 'scope'> & { readonly steps: number };

/**
 * Yields each step's result. A step that the settings' limits forbid is not taken, and ends them.
 * @param objective weighted by the settings' scope
 * @param onStop told why there are fewer steps than the settings say
 * @throws NonFiniteStep when a loss or gradient stops being finite
 */
export async function* optimise(
  head: HeadRuntime,
  objective: WeightedObjective,
  settings: OptimiserSettings,
  onStop: (stopped: Stopped) => void = () => {},
): AsyncGenerator<SlotStepResult, void> {
  if (objective.targetCount === 0)
    throw failure('nothing-to-learn', 'the prompt has no next token to learn from');
  const { dividesGradientAgain } = PRESET_SETTINGS[settings.preset];
  const optimiser = optimiserOf(head.hiddenSize, settings);
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
    const asksForKl = settings.klBudget !== undefined || objective.isKlCheap;
    const kl = asksForKl ? await objective.kl(b, after) : undefined;
    const stopped = limitOf(settings, objective, current, after, kl);
    if (stopped) {
      onStop(stopped);
      return;
    }
    yield {
      step,
      loss: current.loss,
      heldOutLoss: objective.heldOutLoss(current),
      gradNorm,
      gradient,
      residual: current.residual,
      deltaNorm: norm(delta),
      delta: rounded,
      b,
      after,
      kl,
      ms: performance.now() - started,
    };
    current = after;
  }
}

function optimiserOf(size: number, settings: OptimiserSettings): AdamW | Sgd {
  const { dividesGradientAgain: _, ...preset } = PRESET_SETTINGS[settings.preset];
  const { lr, weightDecay = preset.weightDecay, betas = preset.betas, eps = preset.eps } = settings;
  if (settings.optimiser === 'sgd') return new Sgd(size, { lr, weightDecay });
  return new AdamW(size, { lr, weightDecay, betas, eps });
}

function limitOf(
  { half, klBudget = Number.POSITIVE_INFINITY }: OptimiserSettings,
  objective: WeightedObjective,
  before: Evaluation,
  after: Evaluation,
  kl: number | undefined,
): Stopped | undefined {
  if (kl !== undefined && kl > klBudget) return { by: 'kl', value: kl };
  if (!half?.stopsEarly) return undefined;
  const [was, is] = [objective.heldOutLoss(before), objective.heldOutLoss(after)];
  return was !== undefined && is !== undefined && is > was ? { by: 'held-out', value: is } : undefined;
}
