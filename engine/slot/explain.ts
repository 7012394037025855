/**
 * Which prompt positions taught delta to favour a token. The token's shift is scale·W_v·delta, and delta is a sum over
 * steps of gradients, each a sum over positions: so is the shift. For SGD that is all there is to it. AdamW divides each
 * gradient by a norm that depends on all positions, which is taken as it was: the parts still add up to the shift, but
 * say little of what a prompt without one of its positions would give, since a step keeps its length whatever is left out.
 * That is measured, by taking the steps anew without it.
 */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { PRESET_SETTINGS } from '../protocol';
import { WeightedObjective } from './objective';
import { type OptimiserSettings, optimiseTogether } from './optimise';

/** A step that was taken. */
export interface TakenStep {
  /** [d] that it followed. */
  readonly gradient: Float32Array;
  /** [V] W·delta before it. */
  readonly before: Float32Array;
}

/**
 * @param token whose shift is parted @param steps all that were taken, in order
 * @returns [targets] logits; 0 where a target has no weight. For affine heads.
 */
export async function contributions(
  head: HeadRuntime,
  objective: WeightedObjective,
  settings: OptimiserSettings,
  token: number,
  steps: readonly TakenStep[],
): Promise<Float64Array> {
  const onehot = new Float32Array(head.vocab);
  onehot[token] = 1;
  const row = await head.transposedProduct(onehot);
  const divisor = PRESET_SETTINGS[settings.preset].dividesGradientAgain ? objective.targetCount : 1;
  const total = new Float64Array(objective.weights.length);
  for (const [s, reach] of reaches(settings, steps).entries()) {
    const direction = row.map((value, i) => (value * reach[i]!) / divisor);
    const q = await head.projectDelta(direction);
    const pulls = await objective.pullsAlong(q, steps[s]!.before);
    for (const [i, pull] of pulls.entries()) total[i]! -= head.logitScale * pull;
  }
  return total;
}

/** Optimisations taken together: each holds a few vectors of the vocabulary's size. */
const TOGETHER = 8;

/**
 * What becomes of shifts where a target is left out and as many steps are taken anew, exactly.
 * @param targets to leave out, one at a time @param tokens whose shifts are told
 * @returns [tokens] logits by target; a target is missing whose loss stops being finite, or that is the only one
 * @throws the signal's reason
 */
export async function shiftsWithout(
  head: HeadRuntime,
  objective: WeightedObjective,
  { half: _half, klBudget: _klBudget, ...settings }: OptimiserSettings,
  targets: readonly number[],
  tokens: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, number[]>> {
  const found = new Map<number, number[]>();
  if (objective.targetCount < 2) return found;
  for (let at = 0; at < targets.length; at += TOGETHER) {
    const own = targets.slice(at, at + TOGETHER);
    const tasks = own.map((out) => {
      const weights = objective.weights.map((weight, i) => (i === out ? 0 : weight));
      return { objective: new WeightedObjective(objective.positions, { weights }), settings };
    });
    for await (const outcome of optimiseTogether(head, tasks)) {
      signal.throwIfAborted();
      const out = own[outcome.task]!;
      if ('result' in outcome)
        found.set(
          out,
          tokens.map((token) => outcome.result.b[token]! * head.logitScale),
        );
      else found.delete(out);
    }
  }
  return found;
}

/** Of each step's gradient, what a unit of it came to in the final delta, by dimension: [steps][d]. */
function reaches(settings: OptimiserSettings, steps: readonly TakenStep[]): Float64Array[] {
  const preset = PRESET_SETTINGS[settings.preset];
  const { lr, weightDecay = preset.weightDecay, betas = preset.betas, eps = preset.eps } = settings;
  const [beta1, beta2] = settings.optimiser === 'sgd' ? [0, 0] : betas;
  const d = steps[0]?.gradient.length ?? 0;
  const result = steps.map(() => new Float64Array(d));
  const v = new Float64Array(d);
  for (const [t, { gradient }] of steps.entries()) {
    const kept = lr * (1 - lr * weightDecay) ** (steps.length - 1 - t);
    const first = (1 - beta1) / (1 - beta1 ** (t + 1));
    for (let i = 0; i < d; i++) {
      v[i] = beta2 * v[i]! + (1 - beta2) * gradient[i]! ** 2;
      const norm = settings.optimiser === 'sgd' ? 1 : Math.sqrt(v[i]! / (1 - beta2 ** (t + 1))) + eps;
      for (let s = 0; s <= t; s++) result[s]![i]! += (kept * first * beta1 ** (t - s)) / norm;
    }
  }
  return result;
}
