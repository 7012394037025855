/** Deltas learned from one prompt: an optimisation is done once, however many lanes are made of it. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { isSlot, type LaneSettings, type Learning, learningKey } from '../protocol';
import type { Fit, PromptObjective, WeightedObjective } from '../slot/objective';
import { NonFiniteStep, optimise, type SlotStepResult, type Stopped } from '../slot/optimise';

export type SlotSettings = Learning & { readonly steps: number };

/** What a setting's scope is in the prompt; undefined is all of it. */
export type FitOf = (settings: SlotSettings) => Fit | undefined;

/** Of all steps that lanes have in common, in bytes. Longer ones are taken once for each lane. */
const BUDGET = 256 * 2 ** 20;
/** Of the vocabulary's length: the shift, mean probabilities, the residual. */
const VECTORS_OF_A_STEP = 3;

export class PromptDeltas {
  /** By optimiser: delta [d] after each step. */
  private readonly found = new Map<string, Float32Array[]>();
  /** By optimiser, where several lanes report the same steps. */
  private readonly shared = new Map<string, SharedSteps>();
  /** By scope. */
  private readonly objectives = new Map<string, WeightedObjective>();
  private readonly stops = new Map<string, Stopped>();

  /** @param lanes that report SLOT's steps on this prompt */
  constructor(
    private readonly head: HeadRuntime,
    private readonly objective: PromptObjective,
    private readonly signal: AbortSignal,
    lanes: readonly LaneSettings[] = [],
    private readonly fitOf: FitOf = () => undefined,
  ) {
    let bytes = 0;
    for (const [key, steps] of commonSteps(lanes)) {
      bytes += steps * VECTORS_OF_A_STEP * Float32Array.BYTES_PER_ELEMENT * head.vocab;
      if (bytes <= BUDGET) this.shared.set(key, new SharedSteps(steps));
    }
  }

  /** The prompt's loss over the setting's scope. @throws EngineError where no token is in it */
  objectiveOf(settings: SlotSettings): WeightedObjective {
    const key = JSON.stringify([settings.scope, settings.half?.seed]);
    const known = this.objectives.get(key);
    if (known) return known;
    const fit = this.fitOf(settings);
    const objective = fit ? this.objective.weighted(fit) : this.objective;
    this.objectives.set(key, objective);
    return objective;
  }

  /** Why fewer steps were taken than the setting says; undefined where they were not, or none are known. */
  stopOf(settings: SlotSettings): Stopped | undefined {
    const taken = this.found.get(learningKey(settings))?.length ?? 0;
    return taken < settings.steps ? this.stops.get(learningKey(settings)) : undefined;
  }

  /**
   * Each step's result.
   * @throws NonFiniteStep, the signal's reason
   */
  async *steps(settings: SlotSettings): AsyncGenerator<SlotStepResult, void> {
    const key = learningKey(settings);
    const deltas = this.found.get(key) ?? [];
    this.found.set(key, deltas);
    const objective = this.objectiveOf(settings);
    const onStop = (stopped: Stopped) => this.stops.set(key, stopped);
    const start = (steps: number) => optimise(this.head, objective, { ...settings, steps }, onStop);
    const shared = this.shared.get(key);
    const results = shared ? shared.replay(settings.steps, start) : start(settings.steps);
    for await (const result of results) {
      this.signal.throwIfAborted();
      deltas[result.step] = result.delta;
      yield result;
    }
  }

  /**
   * [d] after the last step; zeros where the setting's limits allow none.
   * @param onStep told the loss before each step that is not known yet
   * @throws NonFiniteStep, the signal's reason
   */
  async after(
    settings: SlotSettings,
    onStep: (step: number, loss: number, ms: number) => void = () => {},
  ): Promise<Float32Array> {
    const known = this.found.get(learningKey(settings))?.[settings.steps - 1];
    if (known) return known;
    let delta: Float32Array = new Float32Array(this.head.hiddenSize);
    for await (const result of this.steps(settings)) {
      ({ delta } = result);
      onStep(result.step, result.loss, result.ms);
    }
    return delta;
  }
}

/** The first steps of an optimisation, taken once; the lane with the most goes on from them. */
class SharedSteps {
  private readonly kept: SlotStepResult[] = [];
  private running: AsyncGenerator<SlotStepResult, void> | undefined;
  private taken = 0;
  private failed: NonFiniteStep | undefined;

  /** @param count of the steps that more than one lane takes */
  constructor(private readonly count: number) {}

  /** @throws NonFiniteStep */
  async *replay(
    steps: number,
    start: (steps: number) => AsyncGenerator<SlotStepResult, void>,
  ): AsyncGenerator<SlotStepResult, void> {
    yield* this.kept.slice(0, steps);
    if (steps <= this.kept.length) return;
    if (this.taken > this.kept.length) {
      for await (const result of start(steps)) if (result.step >= this.kept.length) yield result;
      return;
    }
    while (this.taken < steps) {
      const result = await this.next(start);
      if (!result) return;
      yield result;
    }
  }

  /** Undefined where a limit has ended the steps. */
  private async next(
    start: (steps: number) => AsyncGenerator<SlotStepResult, void>,
  ): Promise<SlotStepResult | undefined> {
    if (this.failed) throw this.failed;
    try {
      this.running ??= start(Number.POSITIVE_INFINITY);
      const { value } = await this.running.next();
      if (!value) return undefined;
      if (value.step < this.count) this.kept.push(value);
      this.taken = value.step + 1;
      return value;
    } catch (error) {
      if (error instanceof NonFiniteStep) this.failed = error;
      throw error;
    }
  }
}

/** By optimiser: how many steps more than one lane takes. */
function commonSteps(lanes: readonly LaneSettings[]): Map<string, number> {
  const common = new Map<string, number>();
  const longest = new Map<string, number>();
  for (const lane of lanes.filter(isSlot)) {
    const key = learningKey(lane);
    const most = longest.get(key);
    if (most !== undefined) common.set(key, Math.max(common.get(key) ?? 0, Math.min(most, lane.steps)));
    longest.set(key, Math.max(most ?? 0, lane.steps));
  }
  return common;
}
