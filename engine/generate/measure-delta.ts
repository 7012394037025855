/** What any delta does to a prompt that a run has read: asked of a finished run, as often as a slider moves. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { norm, scaledBy } from '../slot/controls';
import { PromptObjective, type WeightedObjective } from '../slot/objective';
import { DEFAULT_BUDGET } from '../slot/positions';
import type { LearnedPrompt } from './run-context';

/** Less than a run's own, since it is held for longer. */
const BUDGET = { ...DEFAULT_BUDGET, keptBytes: 2 ** 28 };

interface MeasuredDelta {
  /** [V] logits. */
  readonly shift: Float32Array;
  /** [V] mean over the prompt's positions, with delta and without. */
  readonly meanP: Float32Array;
  readonly baseMeanP: Float32Array;
  /** Over what the lane learned from, with delta and without; nats. */
  readonly loss: number;
  readonly baseLoss: number;
  readonly deltaNorm: number;
}

export class PromptMeasure {
  private readonly objective: WeightedObjective;

  constructor(
    private readonly head: HeadRuntime,
    { hidden, targets, fit }: LearnedPrompt,
  ) {
    this.objective = new PromptObjective(head, hidden, targets, undefined, BUDGET).weighted(fit);
  }

  /** `factor` times a delta [d], through the head, whatever its tail is. */
  async of(delta: Float32Array, factor: number): Promise<MeasuredDelta> {
    const scaled = scaledBy(delta, factor);
    const b = await this.head.projectDelta(scaled);
    const before = await this.objective.atZero();
    const after = await this.objective.evaluate(b);
    return {
      shift: scaledBy(b, this.head.logitScale),
      meanP: after.meanP,
      baseMeanP: before.meanP,
      loss: after.loss,
      baseLoss: before.loss,
      deltaNorm: norm(scaled),
    };
  }
}
