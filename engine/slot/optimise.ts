/** SLOT (arXiv 2505.12392): a few AdamW steps on delta, the vector added to every last hidden state. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { failure, type Learning, PRESET_SETTINGS } from '../protocol';
import { AdamW } from './adamw';
import { norm } from './controls';
import { type Evaluation, evaluateTogether } from './evaluation';
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
  /** Its share of a step that several take together. */
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
  for await (const outcome of optimiseTogether(head, [{ objective, settings }])) {
    if ('failed' in outcome) throw outcome.failed;
    if ('stopped' in outcome) onStop(outcome.stopped);
    else yield outcome.result;
  }
}

/** One of several optimisations on the same prompt. */
export interface Task {
  /** Weighted by the settings' scope; its positions are those of the others. */
  readonly objective: WeightedObjective;
  readonly settings: OptimiserSettings;
}

/** What became of a task's step, by the task's index. Nothing follows a failure or a stop of its task. */
export type TaskOutcome = { readonly task: number } & (
  | { readonly result: SlotStepResult }
  | { readonly failed: NonFiniteStep }
  | { readonly stopped: Stopped }
);

/** Steps of all tasks at once, so that they share each read of W and of the probabilities; each has the numbers it has alone. */
export async function* optimiseTogether(
  head: HeadRuntime,
  tasks: readonly Task[],
): AsyncGenerator<TaskOutcome, void> {
  if (tasks.some(({ objective }) => objective.targetCount === 0))
    throw failure('nothing-to-learn', 'the prompt has no next token to learn from');
  let running: RunningTask[] = [];
  for (const [task, { objective, settings }] of tasks.entries()) {
    const current = await objective.atZero();
    if (Number.isFinite(current.loss))
      running.push(new RunningTask(task, head, objective, settings, current));
    else yield { task, failed: new NonFiniteStep(0) };
  }
  for (let step = 0; ; step++) {
    running = running.filter(({ settings }) => step < settings.steps);
    const [first] = running;
    if (!first) return;
    const started = performance.now();
    const gradients = await head.transposedProducts(running.map(({ current }) => current.residual));
    const deltas = running.map((task, i) => task.update(gradients[i]!));
    const bs = await head.projectDeltas(deltas);
    const points = running.map(({ objective: { weights } }, i) => ({ weights, b: bs[i]! }));
    const afters = await evaluateTogether(first.objective.positions, points);
    const ms = (performance.now() - started) / running.length;
    const left: RunningTask[] = [];
    for (const [i, task] of running.entries()) {
      const taken = { step, gradient: gradients[i]!, delta: deltas[i]!, b: bs[i]!, after: afters[i]!, ms };
      const outcome = await task.outcome(taken);
      if ('result' in outcome) left.push(task);
      yield outcome;
    }
    running = left;
  }
}

type Taken = Pick<SlotStepResult, 'step' | 'gradient' | 'delta' | 'b' | 'after' | 'ms'>;

class RunningTask {
  private readonly optimiser: AdamW | Sgd;

  constructor(
    private readonly task: number,
    head: HeadRuntime,
    readonly objective: WeightedObjective,
    readonly settings: OptimiserSettings,
    public current: Evaluation,
  ) {
    this.optimiser = optimiserOf(head.hiddenSize, settings);
  }

  /** @param gradient divided again where the preset does @returns [d] delta after it */
  update(gradient: Float32Array): Float32Array {
    const { dividesGradientAgain } = PRESET_SETTINGS[this.settings.preset];
    if (dividesGradientAgain)
      for (let i = 0; i < gradient.length; i++) gradient[i]! /= this.objective.targetCount;
    this.optimiser.update(gradient);
    return Float32Array.from(this.optimiser.parameters);
  }

  async outcome(taken: Taken): Promise<TaskOutcome> {
    const { task, objective, settings, current } = this;
    const { step, gradient, b, after, ms } = taken;
    const checking = performance.now();
    const gradNorm = norm(gradient);
    if (!Number.isFinite(after.loss + gradNorm)) return { task, failed: new NonFiniteStep(step) };
    const asksForKl = settings.klBudget !== undefined || objective.isKlCheap;
    const kl = asksForKl ? await objective.kl(b, after) : undefined;
    const stopped = limitOf(settings, objective, current, after, kl);
    if (stopped) return { task, stopped };
    this.current = after;
    const result = {
      ...taken,
      loss: current.loss,
      heldOutLoss: objective.heldOutLoss(current),
      gradNorm,
      residual: current.residual,
      deltaNorm: norm(this.optimiser.parameters),
      kl,
      ms: ms + performance.now() - checking,
    };
    return { task, result };
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
  const [was = Number.NaN, is = Number.NaN] = [before, after].map((at) => objective.heldOutLoss(at));
  return is > was ? { by: 'held-out', value: is } : undefined;
}
