/** Deltas learned from one prompt: an optimisation is done once, however many lanes are made of it. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { isSlot, type LaneSettings } from '../protocol';
import type { PromptObjective } from '../slot/objective';
import { NonFiniteStep, optimise, type SlotStepResult } from '../slot/optimise';

export type SlotSettings = Pick<LaneSettings, 'preset' | 'steps' | 'lr' | 'weightDecay'>;

/** Lanes with the same key have the same delta after each step that both take. */
export function optimiserKey({ preset, lr, weightDecay }: SlotSettings): string {
  return [preset, lr, weightDecay].join();
}

/** Of all steps that lanes have in common, in bytes. Longer ones are taken once for each lane. */
const BUDGET = 256 * 2 ** 20;
/** Of the vocabulary's length: the shift, mean probabilities, the residual. */
const VECTORS_OF_A_STEP = 3;

export class PromptDeltas {
  /** By optimiser: delta [d] after each step. */
  private readonly found = new Map<string, Float32Array[]>();
  /** By optimiser, where several lanes report the same steps. */
  private readonly shared = new Map<string, SharedSteps>();

  /** @param lanes that report SLOT's steps on this prompt */
  constructor(
    private readonly head: HeadRuntime,
    private readonly objective: PromptObjective,
    private readonly signal: AbortSignal,
    lanes: readonly LaneSettings[] = [],
  ) {
    let bytes = 0;
    for (const [key, steps] of commonSteps(lanes)) {
      bytes += steps * VECTORS_OF_A_STEP * Float32Array.BYTES_PER_ELEMENT * head.vocab;
      if (bytes <= BUDGET) this.shared.set(key, new SharedSteps(steps));
    }
  }

  /**
   * Each step's result.
   * @throws NonFiniteStep, the signal's reason
   */
  async *steps(settings: SlotSettings): AsyncGenerator<SlotStepResult, void> {
    const key = optimiserKey(settings);
    const deltas = this.found.get(key) ?? [];
    this.found.set(key, deltas);
    const start = (steps: number) => optimise(this.head, this.objective, { ...settings, steps });
    const shared = this.shared.get(key);
    const results = shared ? shared.replay(settings.steps, start) : start(settings.steps);
    for await (const result of results) {
      this.signal.throwIfAborted();
      deltas[result.step] = result.delta;
      yield result;
    }
  }

  /**
   * [d] after the last step.
   * @param onStep told the loss before each step that is not known yet
   * @throws NonFiniteStep, the signal's reason
   */
  async after(
    settings: SlotSettings,
    onStep: (step: number, loss: number, ms: number) => void = () => {},
  ): Promise<Float32Array> {
    const known = this.found.get(optimiserKey(settings))?.[settings.steps - 1];
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
    while (this.taken < steps) yield await this.next(start);
  }

  private async next(
    start: (steps: number) => AsyncGenerator<SlotStepResult, void>,
  ): Promise<SlotStepResult> {
    if (this.failed) throw this.failed;
    try {
      this.running ??= start(Number.POSITIVE_INFINITY);
      const { value } = await this.running.next();
      if (!value) throw new Error('an optimisation without end has ended');
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
    const key = optimiserKey(lane);
    const most = longest.get(key);
    if (most !== undefined) common.set(key, Math.max(common.get(key) ?? 0, Math.min(most, lane.steps)));
    longest.set(key, Math.max(most ?? 0, lane.steps));
  }
  return common;
}
